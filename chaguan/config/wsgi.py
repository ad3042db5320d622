"""The WSGI application that granian serves."""

import os
import resource

from django.core.wsgi import get_wsgi_application

# Each open page holds a connection, so the usual soft limit of 1,024 files is too low.
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
_wanted = 65_536 if _hard == resource.RLIM_INFINITY else min(_hard, 65_536)
if _soft != resource.RLIM_INFINITY and _soft < _wanted:
    resource.setrlimit(resource.RLIMIT_NOFILE, (_wanted, _hard))

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chaguan.config.settings")
application = get_wsgi_application()
