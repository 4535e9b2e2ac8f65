"""The program's entry point: `python -m bot.cli.main`."""

from bot.cli import app

if __name__ == "__main__":
    app()
