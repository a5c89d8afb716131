"""Questions are judged, exercises remembered, and all of it forgotten when asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from browser import limits
from gdbook import exercises

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from browser.pages import Reader

# A page that asks for numbers, and one that asks to choose.
KINDS = ("weight_update", "conditioning")
EXERCISE = "weight_update.step"
# What runs a cell says so, and brings what its check says along.
RUN = """(right) => {
  const verdict = document.querySelector('[data-exercise="weight_update.step"]');
  verdict.dataset.right = String(right);
  const told = new CustomEvent("gdbook:output", { bubbles: true });
  verdict.parentElement.dispatchEvent(told);
}"""


def form_of(page: Page, name: str) -> Locator:
    """Return where a question is answered."""
    return page.locator(f'.guess[data-prediction="{name}"]')


def give(form: Locator, answer: Any) -> str:
    """Answer, and return what is said to it."""
    if isinstance(answer, str) and not form.locator("input").count():
        form.get_by_role("button", name=answer, exact=True).click()
    else:
        form.locator("input").fill(str(answer))
        form.locator("input").press("Enter")
    return form.locator("[role=status]").inner_text()


def output_of(form: Locator) -> Locator:
    """Return what is folded until there is an answer."""
    return form.locator("xpath=../following-sibling::*[1]").locator(".cell_output")


def told_of(form: Locator) -> Locator:
    """Return what the page says of that output, which is folded with it."""
    return form.locator("xpath=../following-sibling::*[2][@class='answer']")


class TestPredict:
    """A question takes a number or a choice."""

    @pytest.mark.parametrize("chapter", KINDS)
    def test_every_answer_has_its_words(self, reader: Reader, chapter: str) -> None:
        """Right, known and unknown answers are told apart, and unfold the output."""
        page = reader.open(f"chapters/{chapter}")
        for name, asked in exercises.predictions(chapter).items():
            form = form_of(page, f"{chapter}.{name}")
            expect(output_of(form)).to_be_hidden()
            assert give(form, asked.answer) == f"Right. {asked.praise}"
            expect(output_of(form)).to_be_visible()
            for words, wrong in asked.mistakes.items():
                assert give(form, wrong) == f"Not quite. {words}"
        assert not reader.records.complaints

    def test_words_wait_with_the_output(self, reader: Reader) -> None:
        """What the page says is folded with it, and what comes behind is not."""
        page = reader.open("chapters/weight_update")
        form = form_of(page, "weight_update.new_weight")
        words = told_of(form).locator("p").first
        expect(words).to_be_hidden()
        expect(told_of(form).locator("xpath=following-sibling::*[1]")).to_be_visible()
        height = "answer => answer.offsetHeight"
        assert told_of(form).evaluate(height) == 0
        form.get_by_role("button", name="Show").click()
        expect(words).to_be_visible()
        assert told_of(form).evaluate(height) > 20

    def test_nothing_moves(self, reader: Reader) -> None:
        """It is folded before the script runs, which moves nothing."""
        page = reader.open("chapters/weight_update")
        last = page.locator("#read-on")
        place = last.bounding_box()
        page.route("**/exercises.js*", lambda route: route.abort())
        page.reload()
        assert last.bounding_box() == place

    def test_numbers_as_people_write_them(self, reader: Reader) -> None:
        """Commas, fractions, percent and a true minus sign are read; words are not."""
        page = reader.open("chapters/weight_update")
        form = form_of(page, "weight_update.next_factor")
        for text in ("later", "", "1/0", "0.8.2"):
            assert give(form, text) == "Type a number, as 0.5 or 1/2."
            expect(output_of(form)).to_be_hidden()
        for text in ("0,82", " .82 ", "41/50", "82 %", "8.2e-1", "0.824", "0.816"):
            assert give(form, text).startswith("Right. ")
        assert give(form, "0.83") == "Not quite: it is less than that."
        assert give(form, "−0.82") == "Not quite: it is more than that."

    def test_it_can_be_shown_and_is_remembered(self, reader: Reader) -> None:
        """Whoever only wants to see sees, and an answer is there after a reload."""
        page = reader.open("chapters/weight_update")
        first, second = (
            form_of(page, f"weight_update.{name}")
            for name in ("new_weight", "next_factor")
        )
        first.get_by_role("button", name="Show").press("Enter")
        expect(output_of(first)).to_be_visible()
        said = give(second, "0.18")
        page.reload()
        expect(output_of(first)).to_be_hidden()
        expect(output_of(second)).to_be_visible()
        assert second.locator("[role=status]").inner_text() == said
        assert second.locator("input").input_value() == "0.18"

    def test_a_run_unfolds_it(self, reader: Reader) -> None:
        """Who runs the cell sees what it says."""
        page = reader.open("chapters/weight_update")
        output = output_of(form_of(page, "weight_update.new_weight"))
        output.dispatch_event("gdbook:output", {"bubbles": True})
        expect(output).to_be_visible()

    def test_a_link_unfolds_what_it_leads_to(self, reader: Reader) -> None:
        """A figure, an equation or a word that waits is shown to who comes for it."""
        page = reader.open("chapters/training#fig-xor-line")
        expect(page.locator("#fig-xor-line")).to_be_visible()
        expect(page.locator("#fig-xor-line")).to_be_in_viewport()
        page = reader.open("chapters/weight_update#:~:text=Twice%20the%20error")
        words = told_of(form_of(page, "weight_update.new_weight")).locator("p").first
        expect(words).to_be_visible()
        for name in ("momentum", "conditioning", "many_weights", "stochastic_gradient"):
            page = reader.open(f"chapters/{name}")
            asked = "places => places.map(place => place.id)"
            for place in page.locator(".answer [id]").evaluate_all(asked):
                page.evaluate("place => { location.hash = place }", place)
                expect(page.locator(f"[id='{place}']")).to_be_in_viewport()

    @pytest.mark.parametrize("how", ["without a script", "on paper"])
    def test_elsewhere_it_is_a_question(self, reader: Reader, how: str) -> None:
        """Nothing can be typed, and nothing is folded."""
        page = reader.open("chapters/weight_update", scripts=how == "on paper")
        if how == "on paper":
            page.emulate_media(media="print")
        assert not [f for f in page.locator(".guess").all() if f.is_visible()]
        folded = ".predict + .cell > .cell_output, .answer > p"
        outputs = page.locator(folded).all()
        assert outputs
        assert all(output.is_visible() for output in outputs)


class TestProgress:
    """What is done shows, in this browser alone."""

    def test_done_shows_and_is_forgotten(self, reader: Reader, tmp_path: Path) -> None:
        """In the contents, on the cover, at the exercise; in a file; and no more."""
        page = reader.open("chapters/weight_update")
        counts = page.locator(".bd-links .count")
        one = [f"1/{len(exercises.of('weight_update'))}"]
        page.evaluate(RUN, False)  # noqa: FBT003 (what the page gets)
        expect(counts).to_have_count(0)
        page.evaluate(RUN, True)  # noqa: FBT003
        expect(counts).to_have_text(one)
        page.reload()
        verdict = page.locator(f'.verdict[data-exercise="{EXERCISE}"]')
        expect(verdict).to_have_attribute("data-done", "")
        page.evaluate("() => localStorage.setItem('gdbook:edit:a:b', 'x = 1')")

        reader.go(page, "index")
        expect(counts).to_have_text(one)
        place = page.locator(".bd-article div.done")
        every = sum(len(exercises.of(stem)) for stem in exercises.__all__)
        expect(place).to_contain_text(f"You have done 1 of {every} exercises")
        with page.expect_download() as caught:
            place.get_by_role("button", name="Export").click()
        caught.value.save_as(tmp_path / "saved")
        saved = json.loads((tmp_path / "saved").read_text(encoding="utf-8"))
        assert list(saved["done"]) == [EXERCISE]

        page.on("dialog", lambda dialog: dialog.accept())
        with page.expect_navigation():
            place.get_by_role("button", name="Clear").click()
        expect(place).to_contain_text(f"You have done 0 of {every} exercises")
        kept = page.evaluate("() => localStorage.names()")
        assert not [name for name in kept if name.startswith("gdbook:")]
        assert not reader.elsewhere()

    def test_hostile_storage_is_text(self, reader: Reader) -> None:
        """What somebody else has put there breaks nothing and becomes no element."""
        page = reader.open("index")
        values = ('"x"', "[1]", "{", '{"a.b":"<img src=x>","<i>":"","__proto__":{}}')
        for value in values:
            page.evaluate(
                "(value) => ['done', 'guesses'].forEach("
                "(name) => localStorage.setItem(`gdbook:${name}`, value))",
                value,
            )
            page.reload()
            expect(page.locator(".bd-article div.done")).to_contain_text("done 0 of")
            assert not page.locator("img[src=x]").count()
        assert not reader.records.complaints

    def test_a_phone_has_room(self, reader: Reader) -> None:
        """Question, field and buttons fit, and nothing hangs out."""
        page = reader.open("chapters/weight_update", width=limits.SMALL_PHONE)
        give(form_of(page, "weight_update.new_weight"), "1.76")
        for part in page.locator(".guess, .guess *, .verdict").all():
            box = part.bounding_box()
            assert box is None or box["x"] + box["width"] <= limits.SMALL_PHONE

    def test_without_a_script_nothing_is_promised(self, reader: Reader) -> None:
        """The cover keeps no empty place, and no button that does nothing."""
        page = reader.open("index", scripts=False)
        assert page.locator("div.done button").count() == 0
        assert page.locator(".bd-article div.done").inner_text() == ""
