"""What gunicorn serves."""

from bot.app import create_app
from bot.cli.opening import open_services
from bot.logs import log_to_stderr

log_to_stderr()
app = create_app(open_services())
