"""Files: chosen, dropped and pasted, sent on their way at once, shown in messages."""

import io
import json
from collections import deque
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Route, expect

pytestmark = pytest.mark.e2e


def picture(width: int = 80, height: int = 60) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "#c06020").save(file, "PNG")
    return file.getvalue()


def chosen(name: str, kind: str = "image/png", content: bytes | None = None) -> dict[str, Any]:
    return {"name": name, "mimeType": kind, "buffer": picture() if content is None else content}


class Uploads:
    """The gateway's side of uploads: what was sent, and what it answers, in order."""

    def __init__(self, widget: Any) -> None:
        self.gateway = widget.gateway
        self.sent: list[tuple[str, str, bytes]] = []
        self.answers: deque[tuple[int, str] | None] = deque()
        self.hold = False
        self.held: list[Route] = []
        widget.page.context.route("**/v1/files?*", self._take)
        widget.page.context.route("**/v1/files/*", self._give)

    def _take(self, route: Route) -> None:
        request = route.request
        (name,) = parse_qs(urlsplit(request.url).query)["name"]
        self.sent.append((name, request.headers["authorization"], request.post_data_buffer or b""))
        if self.hold:
            self.held.append(route)
        else:
            self.answer(route)

    def answer(self, route: Route) -> None:
        refused = self.answers.popleft() if self.answers else None
        headers = {"Access-Control-Allow-Origin": "*"}
        if refused:
            status, body = refused
            route.fulfill(status=status, headers=headers, body=body)
            return
        name, _, content = self.sent[-1]
        number = f"00000000-0000-4000-8000-{len(self.gateway.uploads):012d}"
        is_pdf = name.endswith(".pdf")
        self.gateway.uploads[number] = {
            "id": number,
            "name": name,
            "media_type": "application/pdf" if is_pdf else "image/png",
            "size": len(content),
            "width": None if is_pdf else 80,
            "height": None if is_pdf else 60,
            "url": f"/v1/files/{number}?t=x",
        }
        view = json.dumps(self.gateway.uploads[number])
        route.fulfill(status=201, headers=headers, content_type="application/json", body=view)

    def _give(self, route: Route) -> None:
        route.fulfill(content_type="image/png", body=picture())


@pytest.fixture
def chat(visit: Any) -> Any:
    visit.expected += ("Failed to load resource",)
    widget = visit()
    widget.uploads = Uploads(widget)
    widget.chooser = widget.page.locator("input[type=file]")
    widget.attached = widget.page.locator(".attachment")
    widget.open()
    widget.wait(lambda: len(widget.gateway.talks) == 1)
    expect(widget.status).to_have_attribute("data-state", "bot")
    return widget


def refusal(status: int, code: str) -> tuple[int, str]:
    return status, json.dumps({"code": code, "text": "for developers"})


def test_sent_with_a_message_and_shown_in_it(chat):
    content = picture(800, 600)
    chat.chooser.set_input_files(
        [
            chosen("broken pole & hook.png", content=content),
            chosen("bill.pdf", "application/pdf", b"%PDF-1.7 x"),
        ]
    )
    chat.wait(lambda: len(chat.gateway.uploads) == 2)
    (name, bearer, body), (other, _, _) = chat.uploads.sent
    assert (name, other) == ("broken pole & hook.png", "bill.pdf")
    assert bearer == f"Bearer {chat.gateway.talk.token}"
    assert body == content
    chat.send("It broke")
    chat.wait(lambda: len(chat.gateway.received("message")) == 1)
    assert chat.gateway.received("message")[0]["files"] == list(chat.gateway.uploads)
    expect(chat.attached).to_have_count(0)
    image = chat.page.locator(".customer .picture img")
    expect(image).to_have_attribute("alt", "broken pole & hook.png")
    assert [image.get_attribute(one) for one in ("width", "height")] == ["80", "60"]
    assert image.evaluate("one => one.decode().then(() => one.naturalWidth)") == 80
    chip = chat.page.locator(".customer .chip")
    expect(chip).to_contain_text("bill.pdf")
    expect(chip).to_contain_text("PDF")
    assert (
        chip.get_attribute("href")
        == f"{chat.gateway.origin}/v1/files/{list(chat.gateway.uploads)[1]}?t=x"
    )
    chat.page.reload()
    expect(chat.page.locator(".customer .picture img")).to_have_count(1)


def test_files_alone_are_a_message(chat):
    chat.chooser.set_input_files(chosen("one.png"))
    expect(chat.attached).to_have_attribute("data-state", "done")
    chat.page.get_by_role("button", name="Send", exact=True).click()
    chat.wait(lambda: len(chat.gateway.received("message")) == 1)
    assert chat.gateway.received("message")[0]["text"] == ""
    expect(chat.page.locator(".customer .bubble")).to_have_count(0)
    expect(chat.page.locator(".customer .picture")).to_have_count(1)


def test_a_message_waits_for_its_files(chat):
    chat.uploads.hold = True
    chat.chooser.set_input_files([chosen("one.png"), chosen("two.png")])
    expect(chat.page.get_by_role("progressbar")).to_have_count(1)
    chat.send("Both")
    expect(chat.page.get_by_text("Will be sent as soon as the files are there.")).to_be_visible()
    assert chat.gateway.received("message") == []
    for number in range(2):
        chat.wait(lambda number=number: len(chat.uploads.held) == number + 1)
        chat.uploads.answer(chat.uploads.held[number])
    chat.wait(lambda: len(chat.gateway.received("message")) == 1)
    assert len(chat.gateway.received("message")[0]["files"]) == 2
    expect(chat.input).to_have_value("")


def test_who_writes_on_is_not_sent_half_way(chat):
    chat.uploads.hold = True
    chat.chooser.set_input_files(chosen("one.png"))
    chat.send("Both")
    chat.input.press("End")
    chat.input.type(" of them")
    chat.wait(lambda: len(chat.uploads.held) == 1)
    chat.uploads.answer(chat.uploads.held[0])
    expect(chat.attached).to_have_attribute("data-state", "done")
    assert chat.gateway.received("message") == []
    expect(chat.input).to_have_value("Both of them")


def test_cancelled_while_it_is_on_its_way(chat):
    chat.uploads.hold = True
    chat.chooser.set_input_files([chosen("one.png"), chosen("two.png")])
    chat.wait(lambda: len(chat.uploads.held) == 1)
    with chat.page.expect_event("requestfailed") as failed:
        chat.page.get_by_role("button", name="Remove one.png").click()
    assert "one.png" in failed.value.url
    expect(chat.page.get_by_role("button", name="Remove two.png")).to_be_focused()
    chat.wait(lambda: len(chat.uploads.held) == 2)
    chat.uploads.answer(chat.uploads.held[1])
    expect(chat.attached).to_have_attribute("data-state", "done")
    chat.page.get_by_role("button", name="Remove two.png").press("Enter")
    expect(chat.attached).to_have_count(0)
    expect(chat.input).to_be_focused()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_refusal_is_told_in_words(visit, language):
    visit.expected += ("Failed to load resource",)
    widget = visit(language=language)
    widget.uploads = Uploads(widget)
    widget.open()
    widget.wait(lambda: len(widget.gateway.talks) == 1)
    told = set()
    answers = {
        "file_type": 415,
        "file_too_large": 413,
        "file_infected": 422,
        "file_broken": 422,
        "file_limit": 429,
        "file_later": 503,
        "too_many": 429,
    }
    for code, status in answers.items():
        widget.uploads.answers.append(refusal(status, code))
        widget.page.locator("input[type=file]").set_input_files(chosen(f"{code}.png"))
        row = widget.page.locator(".attachment")
        expect(row).to_have_attribute("data-state", "failed")
        told.add(row.get_by_role("status").inner_text())
        assert row.locator(".small").first.is_visible() == (code in ("file_later", "too_many"))
        row.locator(".small").last.click()
        expect(row).to_have_count(0)
    assert len(told) == len(answers)
    assert all(len(text) >= 5 for text in told)


def test_tried_again_after_a_failure(chat):
    chat.uploads.answers.append((502, "<html>Bad gateway</html>"))
    chat.chooser.set_input_files(chosen("one.png"))
    expect(chat.attached).to_contain_text("That did not work.")
    chat.send("Here")
    expect(chat.page.get_by_text("Remove the file that did not get through")).to_be_visible()
    assert chat.gateway.received("message") == []
    chat.page.get_by_role("button", name="Try one.png again").click()
    expect(chat.attached).to_have_attribute("data-state", "done")
    chat.input.press("Enter")
    chat.wait(lambda: len(chat.gateway.received("message")) == 1)


def test_what_went_down_with_the_line_goes_on_with_it(chat):
    chat.uploads.hold = True
    chat.chooser.set_input_files(chosen("one.png"))
    chat.wait(lambda: len(chat.uploads.held) == 1)
    chat.uploads.held[0].abort("internetdisconnected")
    expect(chat.attached).to_contain_text("No connection.")
    chat.uploads.hold = False
    chat.gateway.drop()
    expect(chat.attached).to_have_attribute("data-state", "done")


def test_what_needs_no_upload_to_be_refused(chat):
    chat.chooser.set_input_files(
        [
            chosen("run.exe", "application/x-msdownload"),
            chosen("large.png", content=bytes(10_000_001)),
            chosen("empty.png", content=b""),
        ]
    )
    expect(chat.attached).to_have_text(
        [
            "run.exeOnly pictures (PNG, JPEG, WebP, GIF) and PDF.",
            "large.pngLarger than 10 MB.",
            "empty.pngThis file is damaged or cannot be read.",
        ]
    )
    assert chat.uploads.sent == []


def test_at_most_five(chat):
    chat.chooser.set_input_files([chosen(f"{number}.png") for number in range(6)])
    expect(chat.attached).to_have_count(5)
    expect(chat.page.get_by_text("At most 5 files go with one message.")).to_be_visible()


def test_kept_over_a_reload(chat):
    chat.chooser.set_input_files(chosen("there.png"))
    expect(chat.attached).to_have_attribute("data-state", "done")
    chat.uploads.hold = True
    chat.chooser.set_input_files(chosen("on its way.png"))
    chat.wait(lambda: len(chat.uploads.held) == 1)
    chat.input.fill("Look")
    chat.page.reload()
    expect(chat.attached).to_have_count(2)
    expect(chat.attached.nth(1)).to_contain_text("Not sent: the page was reloaded.")
    chat.page.get_by_role("button", name="Remove on its way.png").click()
    chat.input.press("Enter")
    chat.wait(lambda: len(chat.gateway.received("message")) == 1)
    sent = chat.gateway.received("message")[0]
    assert (sent["text"], len(sent["files"])) == ("Look", 1)


def test_files_of_a_conversation_that_is_gone_are_sent_anew(chat):
    chat.chooser.set_input_files(chosen("one.png"))
    expect(chat.attached).to_have_attribute("data-state", "done")
    chat.gateway.talks.clear()
    chat.gateway.drop()
    chat.page.evaluate("dispatchEvent(new Event('online'))")
    chat.gateway.stop()
    chat.gateway.start()
    chat.wait(lambda: len(chat.uploads.sent) == 2, 20)
    assert chat.uploads.sent[1][1] == f"Bearer {chat.gateway.talk.token}"


def test_a_file_that_the_gateway_no_longer_has(chat):
    chat.gateway.refuse_with = {"code": "unknown_file", "text": "gone"}
    chat.chooser.set_input_files(chosen("one.png"))
    expect(chat.attached).to_have_attribute("data-state", "done")
    chat.send("Here")
    expect(chat.page.get_by_text("Not sent", exact=True)).to_be_visible()
    expect(chat.banner).to_contain_text("Please attach it again.")


TRANSFER = """(names) => {
  const transfer = new DataTransfer();
  for (const name of names) transfer.items.add(new File(["x"], name, { type: "image/png" }));
  return transfer;
}"""


def test_dropped_anywhere_on_the_chat(chat):
    transfer = chat.page.evaluate_handle(TRANSFER, ["dropped.png"])
    log = chat.page.locator(".scroller")
    log.dispatch_event("dragover", {"dataTransfer": transfer})
    expect(chat.page.get_by_text("Drop pictures or a PDF here")).to_be_visible()
    log.dispatch_event("drop", {"dataTransfer": transfer})
    expect(chat.page.get_by_text("Drop pictures or a PDF here")).to_be_hidden()
    expect(chat.attached).to_contain_text("dropped.png")
    # Words that are dragged are not files.
    words = chat.page.evaluate_handle(
        "() => { const t = new DataTransfer(); t.setData('text/plain', 'x'); return t; }"
    )
    log.dispatch_event("dragover", {"dataTransfer": words})
    expect(chat.page.get_by_text("Drop pictures or a PDF here")).to_be_hidden()


def test_pasted(chat):
    chat.input.evaluate(
        f"""(input) => input.dispatchEvent(new ClipboardEvent("paste", {{
          clipboardData: ({TRANSFER})(["pasted.png"]), bubbles: true, cancelable: true }}))"""
    )
    expect(chat.attached).to_contain_text("pasted.png")


def test_a_picture_moves_nothing_when_it_comes(chat):
    waiting: list[Route] = []
    chat.page.context.route("**/slow.png", lambda route: waiting.append(route))
    file = {"id": "a", "name": "slow.png", "media_type": "image/png", "size": 9, "url": "/slow.png"}
    chat.gateway.say("Here", files=[{**file, "width": 1600, "height": 1200}])
    image = chat.page.locator(".picture img")
    image.wait_for()
    chat.wait(lambda: len(waiting) == 1)
    chat.page.wait_for_timeout(400)  # until the message has come to rest
    before = image.bounding_box()
    assert before
    assert (round(before["width"]), round(before["height"])) == (240, 180)
    waiting[0].fulfill(content_type="image/png", body=picture(1600, 1200))
    image.evaluate("one => one.decode()")
    assert image.bounding_box() == before


def test_a_picture_that_does_not_come_is_named(chat):
    chat.page.context.route("**/gone.png", lambda route: route.fulfill(status=403))
    file = {"id": "a", "name": "gone.png", "media_type": "image/png", "size": 1_400_000}
    chat.gateway.say("Here", files=[{**file, "width": 16, "height": 12, "url": "/gone.png"}])
    chip = chat.page.locator(".chip")
    expect(chip).to_contain_text("gone.png")
    expect(chip).to_contain_text("PNG · 1.4 MB")
