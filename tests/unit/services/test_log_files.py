"""Log files: how they stay small, and what is shown of them."""

from __future__ import annotations

from pathlib import Path

from bot.services.supervisor import rotate, tail


def test_a_large_log_is_moved_aside_while_its_process_goes_on_writing(tmp_path: Path) -> None:
    path = tmp_path / "rasa.log"
    with path.open("a") as writing:
        writing.write("yesterday\n" * 10)
        writing.flush()
        rotate(path, largest=50)
        writing.write("today\n")
    assert path.read_text() == "today\n"
    assert (tmp_path / "rasa.log.1").read_text().startswith("yesterday")


def test_a_small_log_stays(tmp_path: Path) -> None:
    path = tmp_path / "rasa.log"
    path.write_text("today\n")
    rotate(path, largest=50)
    assert path.read_text() == "today\n"
    assert not (tmp_path / "rasa.log.1").exists()


def test_only_the_end_of_a_log_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "train.log"
    path.write_text("".join(f"line {number}\n" for number in range(1000)) + "10%\r20%\rno space left\n")
    shown = tail(path).splitlines()
    assert shown[-1] == "no space left"
    assert len(shown) < 50


def test_a_log_that_was_never_written_is_named(tmp_path: Path) -> None:
    assert "rasa.log" in tail(tmp_path / "rasa.log")
