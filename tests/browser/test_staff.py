"""The administrators' page in a real browser, on the really running service."""

from __future__ import annotations

import csv
import io
import shutil
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from bot.gateway.tokens import STAFF_AUDIENCE, issue
from bot.settings import Settings
from tests.browser.axe import violations
from tests.browser.widget import PICTURES
from tests.service import Chat, Service

PHONE = {"width": 390, "height": 844}
HOSTILE = '=HYPERLINK("x") <img src=x onerror=document.title=1>'


class Desk:
    """The page in the words of an administrator."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.answers = page.locator(".chat-message:not(.person)")
        self.composer = page.get_by_label("Il tuo messaggio")

    def sign_in(self, name: str = "Martina Kofler") -> None:
        self.page.goto("/staff")
        self.page.get_by_role("button", name=name).click()
        expect(self.answers.first).to_be_visible()

    def say(self, text: str) -> None:
        self.composer.fill(text)
        self.composer.press("Enter")

    def card(self) -> Locator:
        return self.page.locator(".card").last

    def assert_sound(self, name: str) -> None:
        """A picture is kept, and axe-core finds nothing."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.wait_for_timeout(150)
        self.page.screenshot(path=PICTURES / f"staff-{name}.png")
        assert violations(self.page) == []
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.fixture
def desk(context: BrowserContext) -> Desk:
    return Desk(context.new_page())


def expired_token(service: Service) -> str:
    settings = Settings(home=service.home)
    earlier = datetime.now(timezone.utc) - timedelta(minutes=20)
    claims = {"role": "administrator", "company": "studio-brennero"}
    return issue(STAFF_AUDIENCE, "Martina Kofler", settings, earlier, **claims)


@pytest.mark.parametrize(("scheme", "size"), [("light", None), ("dark", None), ("dark", PHONE), ("light", PHONE)])
def test_a_diagnosis_shows_both_addresses_with_the_difference_marked(
    desk: Desk, scheme: str, size: dict[str, int] | None
) -> None:
    desk.page.emulate_media(color_scheme=scheme)
    if size:
        desk.page.set_viewport_size(size)
    name = f"{'phone' if size else 'window'}-{scheme}"
    desk.page.goto("/staff")
    desk.assert_sound(f"sign-in-{name}")
    desk.sign_in()
    expect(desk.page.locator("#who")).to_have_text("Martina KoflerStudio Brennero")
    assert "token" not in desk.page.url
    desk.say("Perché Maria Rossi non riesce ad accedere?")
    diagnosis = desk.page.get_by_role("region", name="Maria Rossi")
    expect(diagnosis.locator("mark")).to_have_text(["@gmail.com", "@googlemail.com"])
    expect(diagnosis.get_by_role("listitem").last).to_have_text("Entra con l'altra forma dell'indirizzo Google")
    desk.assert_sound(f"diagnosis-{name}")
    desk.say("Chi non è ancora registrato in via Piave 3?")
    expect(desk.page.get_by_role("table").get_by_text("Sara Greco")).to_be_visible()
    desk.assert_sound(f"table-{name}")
    expect(desk.page.get_by_role("button", name="Esci")).to_be_in_viewport()
    expect(desk.composer).to_be_in_viewport()


def test_a_token_in_the_fragment_signs_in_and_leaves_the_address(desk: Desk, service: Service) -> None:
    desk.page.goto(f"/staff#token={service.portiere('token', 'staff', '--company', 'gestioni-adige')}")
    expect(desk.page.locator("#who")).to_contain_text("Gestioni Adige")
    assert desk.page.url == f"{service.url}/staff"
    desk.say("Perché Maria Rossi non riesce ad accedere?")
    expect(desk.answers.filter(has_text="Nella tua società")).to_be_visible()
    assert "googlemail" not in desk.page.content()


def test_the_text_for_the_customer_is_copied(desk: Desk, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.sign_in()
    desk.page.get_by_role("button", name="Perché Maria Rossi").click()
    desk.page.get_by_role("button", name="Copia").click()
    expect(desk.page.get_by_text("Copiato")).to_be_visible()
    assert "maria.rossi@googlemail.com" in desk.page.evaluate("navigator.clipboard.readText()")


@pytest.mark.parametrize("way", ["denied", "nothing works"])
def test_the_text_is_copied_or_selected_where_the_browser_denies_the_clipboard(desk: Desk, way: str) -> None:
    desk.page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new DOMException('denied'));")
    if way == "nothing works":
        desk.page.add_init_script("document.execCommand = () => false;")
    desk.sign_in()
    desk.page.get_by_role("button", name="Perché Maria Rossi").click()
    card = desk.page.locator(".card").filter(has=desk.page.get_by_role("button", name="Copia"))
    card.get_by_role("button", name="Copia").click()
    expect(card.get_by_role("status")).to_have_text(
        "Copiato" if way == "denied" else "Testo selezionato: ora copialo con la tastiera."
    )
    assert desk.page.evaluate("getSelection().toString()") == card.locator(".copy-text").inner_text()
    # Whichever way, what the keyboard copies or the clipboard holds is the text for the customer.
    if way == "nothing works":
        desk.page.keyboard.press("Control+C")
    desk.composer.focus()
    desk.page.keyboard.press("Control+V")
    expect(desk.composer).to_have_value(card.locator(".copy-text").inner_text())


def test_everything_can_be_done_with_the_keyboard_alone(desk: Desk, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    keyboard = desk.page.keyboard

    def reach(target: Locator) -> None:
        for _ in range(60):
            keyboard.press("Tab")
            if target.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError("the Tab key does not lead there")

    desk.page.goto("/staff")
    reach(desk.page.get_by_role("button", name="Martina Kofler"))
    keyboard.press("Enter")
    expect(desk.answers.first).to_be_visible()
    reach(desk.composer)
    keyboard.type("Chi non è ancora registrato in via Piave 3?")
    keyboard.press("Enter")
    expect(desk.page.get_by_role("table")).to_be_visible()
    reach(desk.page.get_by_role("button", name="Scarica CSV"))
    with desk.page.expect_download() as download:
        keyboard.press("Enter")
    assert download.value.suggested_filename.endswith(".csv")
    reach(desk.composer)
    keyboard.type("Perché Maria Rossi non riesce ad accedere?")
    keyboard.press("Enter")
    expect(desk.page.get_by_role("button", name="Copia")).to_be_visible()
    reach(desk.page.get_by_role("button", name="Copia"))
    keyboard.press("Space")
    expect(desk.page.get_by_text("Copiato")).to_be_visible()
    reach(desk.page.get_by_role("button", name="Esci"))
    keyboard.press("Enter")
    expect(desk.page.get_by_text("Sei uscito")).to_be_visible()


@pytest.mark.parametrize(
    ("question", "columns", "row"),
    [
        ("Chi non è ancora registrato in via Roma 12?", "Nome", ["Davide Fontana", "Via Roma 12 int. 9"]),
        ("Quali inviti scadono entro 30 giorni?", "Nome", ["Davide Fontana", "VERD-2345"]),
        ("Chi ha un contratto che finisce il mese scorso o questo mese?", "Nome", ["Giulia Ferrari"]),
    ],
)
def test_a_table_and_its_csv_hold_the_same(desk: Desk, question: str, columns: str, row: list[str]) -> None:
    desk.sign_in()
    desk.say(question)
    table = desk.page.get_by_role("table")
    expect(table).to_be_visible()
    shown = [line.get_by_role("cell").all_inner_texts() for line in table.locator("tbody tr").all()]
    with desk.page.expect_download() as download:
        desk.page.get_by_role("button", name="Scarica CSV").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text), delimiter=";")
    assert head == table.locator("thead th").all_inner_texts()
    assert head[0] == columns
    assert rows == shown
    assert any(set(row) <= set(line) for line in rows)


def test_hostile_names_stay_text_on_the_page_and_in_the_csv(desk: Desk, service: Service, tmp_path: Path) -> None:
    example = Path("docs/accounts-csv-example")
    shutil.copytree(example, tmp_path / "csv")
    contacts = tmp_path / "csv" / "contacts.csv"
    contacts.write_text(contacts.read_text().replace("Niccolò Bonetti", '"' + HOSTILE.replace('"', '""') + '"'))
    service.portiere("accounts", "load", str(tmp_path / "csv"))
    desk.page.goto(f"/staff#token={service.portiere('token', 'staff', '--company', 'amministrazioni-laguna')}")
    desk.say("chi non è ancora registrato?")
    expect(desk.page.get_by_role("cell", name=HOSTILE)).to_be_visible()
    with desk.page.expect_download() as download:
        desk.page.get_by_role("button", name="Scarica CSV").click()
    data = Path(download.value.path()).read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][0] == "Nome"
    assert rows[1][0] == f"'{HOSTILE}"


@pytest.mark.usefixtures("demo_restored")
def test_a_reactivation_is_confirmed_first(desk: Desk) -> None:
    desk.sign_in("Paolo Zanetti")
    desk.say("riattiva l'invito ADGE-2345")
    desk.page.get_by_role("button", name="Sì, riattiva").click()
    expect(desk.page.get_by_text("di nuovo valido").first).to_be_visible()


def test_an_expired_token_leads_to_signing_in_again_and_loses_no_text(desk: Desk, service: Service) -> None:
    desk.sign_in()
    desk.page.evaluate(
        """token => {
          const session = Object.keys(sessionStorage).find((key) => key.endsWith(".session"));
          sessionStorage[session] = JSON.stringify({ token: "gone" });
          sessionStorage["portiere.token"] = JSON.stringify(token);
        }""",
        expired_token(service),
    )
    desk.say("Perché Luca Bianchi non riesce ad accedere?")
    expect(desk.page.get_by_role("status").filter(has_text="L'accesso è scaduto")).to_be_visible()
    desk.assert_sound("expired")
    desk.page.get_by_role("button", name="Martina Kofler").click()
    expect(desk.page.get_by_role("region", name="Luca Bianchi")).to_be_visible()


def test_a_new_token_keeps_the_conversation_and_signing_out_forgets_it(desk: Desk, service: Service) -> None:
    desk.sign_in()
    desk.say("Perché Elena Conti non riesce ad accedere?")
    conti = desk.page.get_by_role("region", name="Elena Conti")
    expect(conti.locator("mark")).to_have_count(4)
    token = service.portiere("token", "staff", "--company", "studio-brennero", "--name", "Martina Kofler")
    desk.page.evaluate("token => { location.hash = `token=${token}` }", token)
    expect(conti).to_be_visible()
    assert "#" not in desk.page.url
    desk.page.evaluate("sessionStorage.removeItem('portiere.token')")
    desk.page.reload()
    expect(conti).to_be_visible()
    session = desk.page.evaluate(
        """() => {
          const name = Object.keys(sessionStorage).find((key) => key.endsWith(".session"));
          return JSON.parse(sessionStorage[name]).token;
        }"""
    )
    with desk.page.expect_response(lambda response: response.request.method == "DELETE") as ended:
        desk.page.get_by_role("button", name="Esci").click()
    assert ended.value.status == 204
    headers = {"Authorization": f"Bearer {session}"}
    assert desk.page.request.get(f"{service.url}/api/staff/messages", headers=headers).status == 401
    expect(desk.page.get_by_text("Sei uscito")).to_be_visible()
    assert desk.page.evaluate("sessionStorage.length") == 0
    assert "conti" not in desk.page.content().lower()


@pytest.mark.usefixtures("demo_restored")
def test_a_tenant_s_request_is_granted_with_one_click(desk: Desk, service: Service) -> None:
    tenant = Chat.open(service)
    tenant.say("il codice SCAD-2345 risulta scaduto")
    tenant.press(tenant.buttons[0])
    desk.sign_in()
    requests = desk.page.get_by_role("region", name="Richieste di riattivazione")
    expect(requests).to_contain_text("Sara Greco")
    desk.assert_sound("requests")
    requests.get_by_role("button", name="Riattiva Sara Greco").click()
    expect(desk.page.get_by_text("La richiesta è chiusa")).to_be_visible()
    desk.page.reload()
    expect(requests.get_by_role("button")).to_be_disabled()


def test_requests_beyond_the_first_ten_are_one_button_away(desk: Desk) -> None:
    request = {
        "name": "Aldo Neri",
        "unit": None,
        "asked_on": "01/03/2026",
        "title": "Riattiva Aldo Neri",
        "payload": "/x",
    }
    more = {"title": "Mostra le altre richieste (2)", "payload": "/list_requests"}
    content = {"kind": "requests", "requests": [request] * 10, "first": 1, "last": 10, "total": 12, "more": more}
    bubble = {"text": "", "buttons": [more], "custom": content}
    sent: list[dict[str, str]] = []

    def answer(route: Route) -> None:
        if route.request.method == "POST":
            sent.append(route.request.post_data_json)
            route.fulfill(json={"messages": [bubble], "handoff": None})
        else:
            route.continue_()

    desk.sign_in()
    desk.page.route("**/api/staff/messages", answer)
    desk.say("ci sono richieste?")
    expect(desk.page.get_by_role("heading", name="Richieste di riattivazione: da 1 a 10 di 12")).to_be_visible()
    desk.assert_sound("requests-page")
    desk.page.get_by_role("button", name=more["title"]).click()
    expect(desk.page.locator(".chat-message.person").last).to_contain_text(more["title"])
    assert sent[-1]["payload"] == more["payload"]
