"""Proofs (凭证) as pictures: what a person did, as she photographed it."""

from django.db import models

from chaguan.playbooks.models.assignments import Assignment


class ProofImage(models.Model):
    """One picture on an assignment, without what the camera wrote into it. Kept in the database."""

    assignment = models.OneToOneField(Assignment, on_delete=models.CASCADE, related_name="picture")
    content = models.BinaryField()
    content_type = models.CharField(max_length=16)
    by = models.CharField(max_length=48)
    at = models.DateTimeField()
