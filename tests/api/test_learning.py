"""What is taken out of the log works with the real model: test stories run green, replays find what has changed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from sqlalchemy import select, update

from bot.conversations.tables import tracker_event
from bot.database import open_engine
from bot.models import current_model
from tests.service import Chat, Service


def talk(service: Service) -> str:
    """A conversation with a form, a look-up, a button, an interruption and a doubt; its id."""
    chat = Chat.open(service)
    chat.say("il mio codice è scaduto")
    chat.say("come faccio a registrarmi?")
    chat.say("SCAD-2345")
    chat.press(chat.buttons[0])
    chat.say("boh, insomma, quello lì")
    return str(chat.session["conversation_id"])


def test_a_conversation_taken_out_as_a_test_story_runs_green(service: Service, tmp_path: Path) -> None:
    story = service.portiere("conversations", "story", talk(service))
    assert "SCAD" not in story
    (tmp_path / "test_story.yml").write_text(story, encoding="utf-8")
    command = [sys.executable, "-m", "rasa", "test", "core", "--stories", str(tmp_path), "--no-plot"]
    command += ["--model", str(current_model()), "--out", str(tmp_path / "out"), "--fail-on-prediction-errors"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    failed = tmp_path / "out" / "failed_test_stories.yml"
    assert ended.returncode == 0, failed.read_text() if failed.exists() else ended.stderr[-2000:]


def test_a_replay_finds_nothing_with_the_same_model_and_what_was_understood_otherwise(service: Service) -> None:
    ident = talk(service)
    replay = [sys.executable, "-m", "bot.cli.main", "conversations", "replay", "--limit", "1"]
    same = subprocess.run(replay, env=service.environment, capture_output=True, text=True, check=False)
    assert (same.returncode, same.stdout) == (0, ""), same.stderr[-2000:]

    engine = open_engine(f"sqlite:///{service.home / 'conversations.db'}")
    is_first = (tracker_event.c.sender_id == ident, tracker_event.c.type_name == "user")
    with engine.begin() as connection:
        row = connection.execute(select(tracker_event).where(*is_first).order_by(tracker_event.c.id)).first()
        event = json.loads(row.data)
        event["parse_data"]["intent"] = {"name": "reset_password", "confidence": 0.8}
        changed = update(tracker_event).where(tracker_event.c.id == row.id)
        connection.execute(changed.values(data=json.dumps(event)))
        is_answer = (tracker_event.c.sender_id == ident, tracker_event.c.type_name == "bot")
        answers = connection.execute(select(tracker_event).where(*is_answer).order_by(tracker_event.c.id.desc())).all()
        last = next(row for row in answers if "utter_action" in row.data)
        said = {**json.loads(last.data), "text": "In altre parole."}
        connection.execute(update(tracker_event).where(tracker_event.c.id == last.id).values(data=json.dumps(said)))
    engine.dispose()

    other = subprocess.run(replay, env=service.environment, capture_output=True, text=True, check=False)
    assert other.returncode == 1
    assert f"{ident}:1\treset_password" in other.stdout
    assert "invite_code_expired" in other.stdout
    report = json.loads((service.home / "replay.json").read_text(encoding="utf-8"))
    understood, reworded = report["differences"]
    assert understood["intent_before"] == "reset_password"
    assert reworded["response"] == json.loads(last.data)["metadata"]["utter_action"]
    assert f"{reworded['response']} says something else" in other.stdout
