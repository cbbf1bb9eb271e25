"""What a chunk of the log keeps of lines that come too fast."""

from worker.logbook import Logbook


def test_lines_come_out_as_they_went_in() -> None:
    logbook = Logbook()
    assert not logbook
    for line in ("one", "", "zwölf"):
        logbook.add(line)
    assert logbook
    assert logbook.take() == "one\n\nzwölf\n"
    assert not logbook
    assert logbook.take() == ""


def test_both_ends_of_a_flood_are_kept_and_the_rest_is_counted() -> None:
    logbook = Logbook()
    for number in range(100_000):
        logbook.add(f"line {number}")
    text = logbook.take()
    lines = text.splitlines()
    (gap,) = [line for line in lines if line.startswith("…")]
    assert (lines[0], lines[-1]) == ("line 0", "line 99999")
    assert gap == f"… {100_000 - (len(lines) - 1):,} lines were dropped here because they came too fast …"
    assert len(text.encode()) < 257 * 1024
