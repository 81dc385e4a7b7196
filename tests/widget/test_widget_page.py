"""What the shop's own pages do with the chat: options, methods, events, who the customer is."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

HEAD = """<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{shop}</title>
%s</head><body><main><h1>{shop}</h1></main>
<script type="module" src="{gateway}/widget/shopdesk.js"></script></body></html>"""


def page_with(head):
    return HEAD % head.replace("{", "{{").replace("}", "}}")


def test_calls_before_the_chat_is_loaded_wait_for_it(visit, gateway):
    gateway.customers["signed"] = {"name": "Anna", "email": None}
    html = page_with(
        """<script>
        window.heard = [];
        (window.shopdesk ??= []).push((chat) => { throw new Error("one script's mistake"); });
        shopdesk.push((chat) => {
          chat.on("open", () => heard.push("open"));
          chat.configure({ shopName: "Lark", titleBadge: true });
          chat.identify("signed");
          chat.open();
        });
        </script>"""
    )
    visit.expected += ("one script's mistake",)
    widget = visit(html=html)
    expect(widget.panel).to_be_visible()
    expect(widget.panel.get_by_role("heading", name="Lark")).to_be_visible()
    widget.wait(lambda: len(gateway.hellos) == 1)
    # The first hello says it already: nobody is anonymous for a moment.
    assert gateway.hellos[0]["identity"] == "signed"
    assert widget.page.evaluate("heard") == ["open"]
    widget.page.evaluate("shopdesk.push((chat) => chat.close())")
    expect(widget.panel).to_be_hidden()


def test_methods(visit, gateway):
    widget = visit()
    widget.page.evaluate("shopdesk.open(); shopdesk.write('About this tent')")
    expect(widget.input).to_have_value("About this tent")
    widget.page.evaluate("shopdesk.close()")
    expect(widget.panel).to_be_hidden()
    stopped = widget.page.evaluate(
        """() => {
          let opened = 0;
          const stop = shopdesk.on("open", () => (opened += 1));
          shopdesk.open(); shopdesk.close();
          stop();
          shopdesk.open();
          return opened;
        }"""
    )
    assert stopped == 1


def test_events_say_what_happened_and_no_words(visit, gateway):
    gateway.answers.append({"text": "A secret answer", "rateable": True})
    widget = visit()
    widget.page.evaluate(
        """window.heard = [];
        for (const name of ["open", "close", "message", "rating", "handoff", "error"]) {
          addEventListener(`shopdesk:${name}`, ({ type, detail }) => heard.push([type, detail]));
        }"""
    )
    widget.open()
    widget.send("My address is 1 Lark Lane")
    expect(widget.messages).to_have_count(2)
    widget.page.get_by_role("button", name="Not helpful").click()
    widget.page.get_by_label("Sorry about that").fill("My own words")
    widget.page.get_by_role("button", name="Send comment").click()
    gateway.set_status("waiting")
    gateway.set_status("human")
    gateway.tell({"type": "error", "code": "internal", "text": "no", "id": None})
    expect(widget.banner).to_contain_text("Something went wrong")
    heard = widget.page.evaluate("heard")
    assert [name.removeprefix("shopdesk:") for name, _ in heard] == [
        *("open", "message", "message", "rating", "handoff", "handoff", "error")
    ]
    assert [detail.get("author") for _, detail in heard[1:3]] == ["customer", "assistant"]
    assert [detail for _, detail in heard[4:]] == [
        {"status": "waiting"},
        {"status": "human"},
        {"code": "internal"},
    ]
    said = str(heard)
    assert not any(words in said for words in ("secret", "Lane", "own words"))


def test_options_in_the_page(visit):
    html = page_with(
        """<script type="application/json" id="shopdesk-config">
        {"language": "zh", "shopName": "Lark", "scheme": "dark",
         "texts": {"zh": {"hello": "欢迎光临！"}}}</script>"""
    )
    widget = visit(html=html, headers={"Content-Security-Policy": "script-src http:"})
    widget.open()
    expect(widget.status).to_have_text("智能助手在线")
    expect(widget.panel.get_by_role("heading", name="Lark")).to_be_visible()
    expect(widget.page.get_by_text("欢迎光临！")).to_be_visible()
    scheme = "panel => getComputedStyle(panel).colorScheme"
    assert widget.panel.evaluate(scheme) == "dark"
    widget.page.evaluate("shopdesk.configure({ language: 'en' })")
    expect(widget.status).to_have_text("Automated assistant, here now")


def test_a_mistake_in_the_pages_options_costs_the_options_not_the_chat(visit):
    html = page_with(
        """<script type="application/json" id="shopdesk-config">
        {"greetings": [{"match": "tents", "text": "Hello"}]}</script>"""
    )
    visit.expected += ('greetings[0].match is "tents", expected a path, as "/tents*"',)
    widget = visit(html=html)
    widget.open()
    expect(widget.input).to_be_visible()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ("5", "the configuration is 5, expected an object"),
        ("{ shopname: 'Lark' }", 'the option is "shopname", expected one of language, shopName'),
        ("{ titleBadge: 'yes' }", 'titleBadge is "yes", expected true or false'),
        ("{ greetings: {} }", "greetings is {}, expected a list"),
        ("{ greetings: [{ match: '/', text: '' }] }", 'greetings[0].text is "", expected a text'),
        (
            "{ greetings: [{ match: '/', text: 'Hi', after: -1 }] }",
            "greetings[0].after is -1, expected seconds, 0 or more",
        ),
        (
            "{ greetings: [{ match: '/', text: 'Hi', once: 'daily' }] }",
            'greetings[0].once is "daily", expected "visit" or "ever"',
        ),
    ],
)
def test_wrong_options_say_what_was_expected(visit, options, complaint):
    widget = visit()
    error = widget.page.evaluate(
        f"() => {{ try {{ shopdesk.configure({options}); }} catch (e) {{ return e.message; }} }}"
    )
    assert error.startswith("shopdesk: ")
    assert complaint in error
    error = widget.page.evaluate(
        "(() => { try { shopdesk.on('mesage', () => {}); } catch (e) { return e.message; } })()"
    )
    assert "expected one of open, close, message" in error


def test_a_title_that_counts(visit, gateway):
    widget = visit()
    widget.page.evaluate("shopdesk.configure({ titleBadge: true })")
    widget.open()
    widget.wait(lambda: len(gateway.talks) == 1)
    widget.page.evaluate("shopdesk.close()")
    gateway.say("One")
    gateway.say("Two")
    expect(widget.page).to_have_title("(2) Larkfield Outdoor")
    widget.page.evaluate("document.title = 'Tents'")
    gateway.say("Three")
    expect(widget.page).to_have_title("(3) Tents")
    widget.open()
    expect(widget.page).to_have_title("Tents")


def test_signing_in_reconnects_an_open_chat_and_costs_a_closed_one_nothing(visit, gateway):
    gateway.customers = {"anna": {"name": "Anna", "email": None}}
    widget = visit()
    widget.page.evaluate("shopdesk.identify('anna')")
    widget.page.wait_for_timeout(300)
    assert gateway.hellos == []
    widget.open()
    widget.wait(lambda: len(gateway.hellos) == 1)
    widget.send("Hello")
    expect(widget.page.locator(".customer .delivery")).to_have_text("Sent")
    gateway.customers["anna again"] = gateway.customers["anna"]
    widget.page.evaluate("shopdesk.identify('anna'); shopdesk.identify('anna again')")
    widget.wait(lambda: len(gateway.hellos) == 2)
    assert [hello["identity"] for hello in gateway.hellos] == ["anna", "anna again"]
    # The conversation goes on: the gateway knows whose it is.
    assert gateway.hellos[1]["session"] == gateway.talk.token
    assert widget.texts() == ["Hello"]
    error = widget.page.evaluate(
        "(() => { try { shopdesk.identify(null); } catch (e) { return e.message; } })()"
    )
    assert "expected a token, or a function that gives one" in error


def test_a_function_is_asked_anew_when_its_token_has_expired(visit, gateway):
    gateway.customers = {"token 2": {"name": "Anna", "email": None}}
    visit.expected += ("the gateway does not believe who the customer is: no",)
    widget = visit()
    widget.page.evaluate(
        "window.asked = 0; shopdesk.identify(async () => `token ${++asked}`); null"
    )
    widget.open()
    widget.wait(lambda: len(gateway.hellos) == 2)
    assert [hello["identity"] for hello in gateway.hellos] == ["token 1", "token 2"]
    gateway.drop()
    widget.wait(lambda: len(gateway.hellos) == 3)
    assert gateway.hellos[2]["identity"] == "token 2"
    assert widget.page.evaluate("asked") == 2


def test_a_proof_that_is_always_refused_does_not_go_round(visit, gateway):
    visit.expected += ("the gateway does not believe who the customer is: no",)
    widget = visit()
    widget.page.evaluate(
        """window.codes = []; shopdesk.on("error", ({ code }) => codes.push(code));
        window.asked = 0; shopdesk.identify(() => `token ${++asked}`); null"""
    )
    widget.open()
    widget.send("Hello")
    expect(widget.page.locator(".customer .delivery")).to_have_text("Sent")
    widget.page.wait_for_timeout(500)
    assert len(gateway.hellos) == 2
    assert widget.page.evaluate("codes") == ["bad_identity", "bad_identity"]
    expect(widget.banner).to_be_hidden()
    # From then on without.
    gateway.drop()
    widget.wait(lambda: len(gateway.hellos) == 3)
    assert gateway.hellos[2]["identity"] is None


@pytest.mark.parametrize("source", ["async () => { throw new Error('shop down'); }", "() => null"])
def test_a_shop_that_cannot_say_who_it_is_does_not_stop_the_chat(visit, gateway, source):
    visit.expected += ("the function given to identify failed",)
    widget = visit()
    widget.page.evaluate(f"shopdesk.identify({source}); null")
    widget.open()
    widget.send("Hello")
    expect(widget.page.locator(".customer .delivery")).to_have_text("Sent")
    assert gateway.hellos[0]["identity"] is None


def test_a_shop_that_is_slow_is_not_waited_for_long(visit, gateway):
    widget = visit()
    widget.page.clock.install()
    widget.page.reload()
    widget.launcher.wait_for()
    widget.page.evaluate("shopdesk.identify(() => new Promise(() => {})); null")
    widget.open()
    widget.page.clock.run_for(4_000)
    assert gateway.hellos == []
    widget.page.clock.run_for(1_500)
    widget.wait(lambda: len(gateway.hellos) == 1)


def stored(widget):
    return widget.page.evaluate(
        """Object.keys(localStorage).concat(Object.keys(sessionStorage))
        .filter((key) => key.startsWith("shopdesk "))
        .map((key) => key.split(" ").slice(2).join(" "))"""
    )


def test_logout_leaves_nothing_of_the_customer(visit, gateway):
    gateway.customers = {"anna": {"name": "Anna", "email": None}}
    widget = visit()
    widget.page.evaluate("shopdesk.identify('anna')")
    widget.open()
    widget.send("Anna's question")
    expect(widget.page.locator(".customer .delivery")).to_have_text("Sent")
    widget.input.fill("Anna's draft")
    old = gateway.talk
    widget.page.evaluate("shopdesk.logout()")
    expect(widget.messages).to_have_count(0)
    expect(widget.input).to_have_value("")
    widget.wait(lambda: len(gateway.hellos) == 2)
    assert len(gateway.received("logout")) == 1
    assert gateway.hellos[1]["session"] is None
    assert gateway.hellos[1]["identity"] is None
    assert gateway.talk is not old
    expect(widget.banner).to_be_hidden()
    widget.send("Ben's question")
    widget.wait(lambda: [one["text"] for one in gateway.talk.messages] == ["Ben's question"])


def test_logout_of_a_closed_chat_opens_no_new_one(visit, gateway):
    widget = visit()
    widget.open()
    widget.send("Hello")
    expect(widget.page.locator(".customer .delivery")).to_have_text("Sent")
    widget.page.evaluate("shopdesk.close(); shopdesk.logout()")
    widget.wait(lambda: len(gateway.received("logout")) == 1)
    widget.wait(lambda: not {"session", "logout"} & set(stored(widget)))
    widget.page.wait_for_timeout(300)
    assert gateway.talks == {}
    assert len(gateway.hellos) == 1


def test_logout_while_the_line_is_down_reaches_the_gateway_later(visit, gateway):
    widget = visit()
    widget.open()
    widget.send("Anna's question")
    expect(widget.page.locator(".customer .delivery")).to_have_text("Sent")
    old = gateway.talk.token
    gateway.stop()
    widget.send("Anna's, not sent yet")
    widget.page.evaluate("shopdesk.logout()")
    expect(widget.messages).to_have_count(0)
    widget.send("Ben's question")
    gateway.start()
    widget.page.reload()
    widget.wait(lambda: len(gateway.received("logout")) == 1, seconds=20)
    assert old not in gateway.talks
    widget.wait(lambda: len(gateway.talks) == 1 and len(gateway.talk.messages) == 1, seconds=20)
    assert [one["text"] for one in gateway.talk.messages] == ["Ben's question"]
    assert widget.texts() == ["Ben's question"]


def test_a_signed_in_customer_has_one_conversation(visit, gateway):
    gateway.customers = {"anna": {"name": "Anna", "email": None}}
    widget = visit()
    widget.page.evaluate("shopdesk.identify('anna')")
    widget.open()
    widget.send("Hello")
    expect(widget.page.locator(".customer .delivery")).to_have_text("Sent")
    gateway.set_status("closed")
    expect(widget.page.get_by_role("button", name="Continue this chat")).to_be_visible()
    expect(widget.page.get_by_role("button", name="Start a new chat")).to_be_hidden()
