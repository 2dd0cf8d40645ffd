"""What gunicorn serves."""

from bot import metrics
from bot.app import create_app
from bot.board.voice import ClipShelf, render_in_background
from bot.cli.opening import open_services, read_settings
from bot.logs import log_to_stderr

settings = read_settings()
log_to_stderr(settings.log_format)
metrics.keep_in(settings.metrics_folder)
services = open_services(settings=settings)
app = create_app(services)
render_in_background(ClipShelf(settings.voice_folder), services.facility)
