"""The model extractor, against a real server on this machine that speaks the chat completions protocol, well and badly."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from conftest import DATA
from musterroll.codebook import load
from musterroll.documents import from_text
from musterroll.errors import BudgetSpent, ServiceError
from musterroll.extract.endpoint import Asker, Endpoint
from musterroll.extract.llm import ModelExtractor

TEXT = "The ministry said in May 2015 that 60 Danes had gone to the war. Twelve of them were killed there. The programme cost 400,000 euros."
FIRST = {
    "sentence": "The ministry said in May 2015 that 60 Danes had gone to the war.",
    "number": "60",
    "measure": "departed",
    "who": "all",
    "origin": ["DK"],
    "as_of": "2015-05",
    "source": "ministry",
}
SECOND = {**FIRST, "sentence": "Twelve of them were\nkilled there.", "number": "Twelve", "measure": "killed"}


class Server:
    """Gives the replies it was told to, in order, the last one until there is another; keeps what it was asked."""

    def __init__(self) -> None:
        self.replies: list[tuple[int, dict[str, str], Any, str]] = []
        self.asked: list[dict[str, Any]] = []
        self.raw = ""  # sent as it is, in place of a completion
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.asked.append({**body, "path": self.path, "key": self.headers["Authorization"]})
                waiting = server.replies or [(200, {}, "", "stop")]
                status, headers, content, finish = waiting.pop(0) if len(waiting) > 1 else waiting[0]
                answer = content if isinstance(content, str) else json.dumps(content)
                message = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": answer}}
                usage = {"prompt_tokens": 700, "completion_tokens": 300, "total_tokens": 1000}
                data = (
                    server.raw.encode()
                    or json.dumps({"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [message], "usage": usage}).encode()
                )
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: object) -> None:
                """Nothing: the test's output is its own."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"

    def reply(self, content: Any, status: int = 200, finish: str = "stop", **headers: str) -> None:
        """The next answer but those that still wait."""
        self.replies.append((status, headers, content, finish))


@pytest.fixture
def server() -> Iterator[Server]:
    s = Server()
    thread = threading.Thread(target=s.http.serve_forever, daemon=True)
    thread.start()
    yield s
    s.http.shutdown()
    s.http.server_close()
    thread.join()


def extractor(server: Server, *, beside: bool = False, **options: Any) -> ModelExtractor:
    return ModelExtractor(Asker(Endpoint(server.url, "m", **options)), beside=beside)


def test_claims_stand_at_their_words_and_take_their_value_from_them(server: Server) -> None:
    server.reply({"claims": [FIRST, SECOND]})
    found = extractor(server, key="secret").claims(from_text(TEXT, "t"), load())
    assert [(c.number, c.point, c.measure, c.origin, c.as_of, c.source) for c in found] == [
        ("60", 60, "departed", ("DK",), "2015-05", "ministry"),
        ("Twelve", 12, "killed", ("DK",), "2015-05", "ministry"),
    ]
    assert all(TEXT[c.start : c.end] == c.number and c.extractor.startswith("llm-m-") for c in found)
    asked = server.asked[0]
    assert asked["path"] == "/v1/chat/completions" and asked["key"] == "Bearer secret" and TEXT in asked["messages"][1]["content"]
    assert asked["response_format"]["json_schema"]["strict"] is True
    assert set(asked["response_format"]["json_schema"]["schema"]["properties"]["claims"]["items"]["properties"]) == set(FIRST)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"number": "75"}, "its number is not in its sentence"),
        ({"sentence": "Sixty Danes went."}, "its sentence is not in the text"),
        ({"number": "war"}, "no number is read at its words"),
        ({"number": "2015"}, "no number is read at its words"),
        ({"measure": "eaten"}, "its measure or part of the population is not known"),
        ({"measure": "share"}, "its unit does not fit its measure"),
        ({"origin": ["Atlantis"]}, "its origin is not known"),
        ({"sentence": None}, "without its words"),
        ({"number": "6"}, "its number is not in its sentence"),
        ({"number": "0 Danes"}, "its number is not in its sentence"),
        ({"sentence": "The programme cost 400,000 euros.", "number": "400,000"}, "its number counts nothing that is coded"),
        ({"origin": "DK"}, "its origin is no list"),
        ({"origin": ["DK:\x1b[31mevil"]}, "its origin is not known"),
    ],
)
def test_what_is_not_in_the_text_does_not_enter(server: Server, change: dict[str, Any], why: str) -> None:
    server.reply({"claims": [{**FIRST, **change}, SECOND]})
    e = extractor(server)
    assert [c.number for c in e.claims(from_text(TEXT, "t"), load())] == ["Twelve"]
    assert e.refused == {why: 1}


def test_invented_sources_and_dates_are_left_out_and_said(server: Server) -> None:
    server.reply({"claims": [{**FIRST, "source": "Interpol", "as_of": "lately", "origin": ["Denmark"]}]})
    (c,) = extractor(server).claims(from_text(TEXT, "t"), load())
    assert (c.source, c.as_of, c.origin) == (None, None, ("DK",))
    assert c.notes == ("date not understood: lately", "source not in the text: Interpol")


@pytest.mark.parametrize("as_of", ["2015-02-31", "2016/2015", "../..", "\x1b[2J2015\n\n## Forged", 7])
def test_a_date_that_is_none_is_said_on_one_plain_line(server: Server, as_of: Any) -> None:
    server.reply({"claims": [{**FIRST, "as_of": as_of}]})
    (c,) = extractor(server).claims(from_text(TEXT, "t"), load())
    assert c.as_of is None and len(c.notes) == 1 and c.notes[0].isprintable()


@pytest.mark.parametrize("source", [" ", "a", ".", "60", "inistr"])
def test_a_source_is_words_of_the_text(server: Server, source: str) -> None:
    server.reply({"claims": [{**FIRST, "source": source}]})
    (c,) = extractor(server).claims(from_text(TEXT, "t"), load())
    assert c.source is None and len(c.notes) == 1


def test_the_same_words_said_twice_are_two_claims_only_where_the_text_has_two(server: Server) -> None:
    server.reply({"claims": [FIRST, FIRST]})
    e = extractor(server)
    assert len(e.claims(from_text(TEXT, "t"), load())) == 1 and e.refused == {"said twice": 1}
    server.replies.clear()
    twice = from_text("Of Danes 60 died and 60 came back.", "t")
    server.reply({"claims": [{**FIRST, "sentence": twice.text, "measure": m, "source": None} for m in ("killed", "returned")]})
    assert [(c.start, c.measure) for c in extractor(server).claims(twice, load())] == [(9, "killed"), (21, "returned")]


def test_malformed_answers_are_asked_again_and_then_said(server: Server) -> None:
    for bad in ("not json", '{"claims": 3}', '["claims"]'):
        server.reply(bad)
    server.reply({"claims": [FIRST]})
    e = extractor(server)
    with pytest.raises(ServiceError, match="3 answers that cannot be used"):
        e.claims(from_text(TEXT, "t"), load())
    assert len(e.claims(from_text(TEXT, "t"), load())) == 1 and len(server.asked) == 4


def test_an_answer_that_was_cut_off_is_asked_for_in_halves(server: Server) -> None:
    server.reply('{"claims": [{"sent', finish="length")
    server.reply({"claims": [FIRST]})
    server.reply({"claims": [SECOND]})
    e = extractor(server)
    assert [c.number for c in e.claims(from_text(TEXT, "t"), load())] == ["60", "Twelve"]
    whole, *halves = (len(a["messages"][1]["content"]) for a in server.asked)
    assert len(halves) == 2 and whole > max(halves)
    server.replies.clear()
    server.reply("{", finish="length")
    with pytest.raises(ServiceError, match="does not finish"):
        extractor(server).claims(from_text("Sixty Danes left.", "t"), load())


def test_a_busy_server_is_asked_again_and_a_refusing_one_is_not(server: Server) -> None:
    server.reply({}, status=429, **{"Retry-After": "0"})
    server.reply({}, status=503, **{"Retry-After": "0"})
    server.reply({"claims": [FIRST]})
    assert len(extractor(server).claims(from_text(TEXT, "t"), load())) == 1 and len(server.asked) == 3
    for status, words in ((401, "MUSTER_LLM_KEY"), (404, "--model"), (400, "status 400")):
        server.replies.clear()
        server.reply({}, status=status)
        with pytest.raises(ServiceError, match=words):
            extractor(server, retries=0).claims(from_text(TEXT, "t"), load())


def test_a_fence_around_an_answer_is_no_fault(server: Server) -> None:
    server.reply("```json\n" + json.dumps({"claims": [FIRST]}) + "\n```")
    assert len(extractor(server).claims(from_text(TEXT, "t"), load())) == 1 and len(server.asked) == 1


@pytest.mark.parametrize(
    "body",
    ["<html>Please sign in</html>", "[1, 2]", "null", '{"choices": []}', '{"choices": "abc"}', '{"choices": [{"message": null}]}'],
)
def test_what_is_no_completion_is_said(server: Server, body: str) -> None:
    server.raw = body
    with pytest.raises(ServiceError, match="no chat completion"):
        extractor(server).claims(from_text(TEXT, "t"), load())


def test_a_redirect_is_not_followed(server: Server) -> None:
    server.reply({}, status=307, Location="http://127.0.0.1:9/elsewhere")
    with pytest.raises(ServiceError, match="elsewhere"):
        extractor(server).claims(from_text(TEXT, "t"), load())
    assert len(server.asked) == 1


def test_damaged_answers_are_asked_for_again_and_those_too_long_are_remembered(server: Server, tmp_path) -> None:
    server.reply('{"claims": [{"sent', finish="length")
    server.reply({"claims": [FIRST]})
    server.reply({"claims": [SECOND]})
    assert len(extractor(server, answers=tmp_path).claims(from_text(TEXT, "t"), load())) == 2 and len(server.asked) == 3
    again = extractor(server, answers=tmp_path)
    assert len(again.claims(from_text(TEXT, "t"), load())) == 2 and (len(server.asked), again.asker.kept) == (3, 2)
    for f in tmp_path.glob("*.json"):
        assert f.stat().st_mode & 0o077 == 0
        f.write_bytes(b"\xff{")
    server.replies.clear()
    server.reply({"claims": [FIRST, SECOND]})
    assert len(extractor(server, answers=tmp_path).claims(from_text(TEXT, "t"), load())) == 2 and len(server.asked) == 4


def test_answers_that_cannot_be_kept_still_serve(server: Server, tmp_path) -> None:
    (tmp_path / "file").write_text("in the way")
    server.reply({"claims": [FIRST]})
    e = extractor(server, answers=tmp_path / "file")
    assert len(e.claims(from_text(TEXT, "t"), load())) == 1 and e.asker.not_kept == 1


def test_a_key_that_is_refused_ends_the_run_but_names_every_file(muster, server: Server, tmp_path) -> None:
    for n in range(3):
        (tmp_path / f"{n}.txt").write_text(f"{n} {TEXT}")
    server.reply({}, status=401)
    done = muster("add", "0.txt", "1.txt", "2.txt", "--extractor", "llm", "--endpoint", server.url, "--model", "m", "--json")
    assert done.returncode == 1 and len(server.asked) == 1
    assert [f["status"] for f in json.loads(done.stdout)["files"]] == ["failed"] * 3
    assert "127.0.0.1" in done.stderr and "2.txt: not read, since" in done.stderr


def test_nobody_there(server: Server) -> None:
    gone = ModelExtractor(Asker(Endpoint("http://127.0.0.1:9/v1", "m", retries=0)))
    with pytest.raises(ServiceError, match="does not answer"):
        gone.claims(from_text(TEXT, "t"), load())


def test_a_budget_holds_and_kept_answers_cost_nothing(server: Server, tmp_path) -> None:
    server.reply({"claims": [FIRST]})
    first = extractor(server, answers=tmp_path, budget=6000)
    assert first.claims(from_text(TEXT, "t"), load()) and first.asker.spent == 1000
    again = extractor(server, answers=tmp_path, budget=1)
    assert again.claims(from_text(TEXT, "t"), load()) and (again.asker.spent, again.asker.kept, len(server.asked)) == (0, 1, 1)
    with pytest.raises(BudgetSpent, match="budget of 1 tokens"):
        again.claims(from_text(TEXT.replace("60", "61"), "t"), load())
    assert len(server.asked) == 1
    with pytest.raises(BudgetSpent):  # what was spent counts
        for n in range(62, 99):
            first.claims(from_text(TEXT.replace("60", str(n)), "t"), load())
    assert first.asker.spent <= 6000


def test_merge_notes_only_where_the_two_differ(server: Server) -> None:
    server.reply({"claims": [FIRST, {**SECOND, "measure": "wounded"}]})
    found = extractor(server, beside=True).claims(from_text(TEXT, "t"), load())
    by = {c.number: c for c in found}
    assert by["60"].notes == () and by["60"].measure == "departed"
    assert by["Twelve"].measure == "killed" and by["Twelve"].notes == ("m reads measure: wounded",)
    server.replies.clear()
    server.reply({"claims": [SECOND, {**FIRST, "sentence": "The programme cost 400,000 euros.", "number": "400,000", "measure": "programme"}]})
    found = extractor(server, beside=True).claims(from_text(TEXT, "t"), load())
    assert ("60", ("m reads no claim here",)) in [(c.number, c.notes) for c in found]


def test_the_command_adds_what_a_model_reads(muster, server: Server, tmp_path) -> None:
    kept = {"MUSTER_LLM_ANSWERS": str(tmp_path / "answers")}
    twenty = {**FIRST, "sentence": "Twenty of them have come back.", "number": "Twenty", "measure": "returned", "origin": ["FI"], "source": None}
    server.reply({"claims": [twenty, {**twenty, "number": "Thirty"}]})
    model = ("--extractor", "llm", "--endpoint", server.url, "--model", "m")
    done = muster("add", DATA / "report.txt", *model, **kept)
    assert done.returncode == 0, done.stderr
    assert "1 requests, 1000 tokens" in done.stderr and "1 its number is not in its sentence" in done.stderr
    (row,) = json.loads(muster("claims", "--json").stdout)
    assert (row["number"], row["measure"]) == ("Twenty", "returned")
    assert "100% hold" in muster("audit").stdout
    merged = muster("extract", DATA / "report.txt", "--extractor", "merge", *model[2:], **kept)
    assert merged.returncode == 0 and len(server.asked) == 1, merged.stderr  # the kept answer serves
    notes = {row["number"]: row.get("notes") for row in map(json.loads, merged.stdout.splitlines())}
    assert notes["Twenty"] == ["m reads as_of: 2015-05", "m reads source: none"] and notes["some 80"] == ["m reads no claim here"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--extractor", "llm"), "--endpoint"),
        (("--extractor", "oracle"), "none of rules, llm, merge"),
        (("--budget", "5"), "--extractor llm"),
        (("--extractor", "llm", "--endpoint", "http://[", "--model", "m"), "no address"),
        (("--extractor", "llm", "--endpoint", "localhost", "--model", "m"), "no address"),
        (("--extractor", "llm", "--endpoint", "http://model.invalid/v1", "--model", "m", "--visibility", "confidential"), "leave this machine"),
    ],
)
def test_a_request_that_does_not_say_enough(muster, arguments: tuple[str, ...], words: str) -> None:
    done = muster("add", DATA / "report.txt", *arguments)
    assert done.returncode == 2 and words in done.stderr and "Traceback" not in done.stderr
