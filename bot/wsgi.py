"""What gunicorn serves."""

from bot import metrics
from bot.app import create_app
from bot.cli.opening import open_services, read_settings
from bot.logs import log_to_stderr

settings = read_settings()
log_to_stderr(settings.log_format)
metrics.keep_in(settings.metrics_folder)
app = create_app(open_services(settings=settings))
