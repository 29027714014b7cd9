"""A voucher that is given: in a motif, with the giver's words, in the giver's language."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from stage import Paper, Stage, Town

from gutschein.documents.voucher_pdf import voucher_pdf
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId, VoucherId, new_id
from gutschein.motifs.built_in import BUILT_IN, drawing
from gutschein.vouchers.printing import Press, PrintJob, print_vouchers
from tests.documents.printed_page import Printed


async def job(stage: Stage, town: Town, papers: list[Paper], **changes: Any) -> PrintJob:
    ids = [VoucherId(UUID(paper.id)) for paper in papers]
    how: dict[str, Any] = {"motif": "birthday", "message": "Alles Gute!", "language": "de"}
    press = Press(stage.app.state.qr_prefix, stage.kek, stage.clock.now)
    async with stage.database.reading() as work:
        return await print_vouchers(work, TownId(UUID(town.id)), ids, press, **(how | changes))


async def test_a_gift_is_redeemed_like_any_other(stage: Stage) -> None:
    town = stage.zwoenitz
    first, second = await stage.vouchers(town, 30_00, 2)
    printed = await job(stage, town, [second, first])
    pages = Printed(voucher_pdf(printed.sheets(), stage.clock.now))
    assert len(pages) == 2
    codes = [pages.barcodes(number)[0].text for number in range(2)]
    assert codes == [second.token, first.token]  # in the order asked for
    assert "Alles Gute!" in pages.text(0)
    await stage.redeemed(second, 30_00)
    await stage.audit()


async def test_it_is_given_in_the_towns_colour_and_the_givers_language(stage: Stage) -> None:
    town = stage.zwoenitz
    voucher = await stage.voucher(town)
    printed = await job(stage, town, [voucher], motif="thanks", message=None, language="en")
    [sheet] = printed.sheets()
    assert sheet.motif is not None
    assert sheet.motif.alt == BUILT_IN["thanks"].alt_en
    assert sheet.motif.content == drawing("thanks", printed.town.brand_colour)
    assert (sheet.language, sheet.message) == ("en", None)
    [plain] = (await job(stage, town, [voucher], motif=None)).sheets()
    assert plain.motif is None
    assert "Alles Gute" not in repr(printed)


async def test_the_towns_arms_are_on_it_unless_they_cannot_be_drawn(stage: Stage) -> None:
    town = stage.zwoenitz
    voucher = await stage.voucher(town)
    arms = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
    slug = f"zwoenitz-{uuid4().hex[:8]}"
    facts = {"slug": slug, "intro": "Ein Gutschein.", "intro_en": None}
    for drawn, svg in ((True, arms), (False, arms.replace("<svg", '<svg width="0"'))):
        put = await stage.api.client.put(
            town.path("storefront"), json=facts | {"coat_of_arms_svg": svg}
        )
        assert put.status_code == 200, put.text
        printed = await job(stage, town, [voucher], motif=None)
        [sheet] = printed.sheets()
        assert (sheet.coat_of_arms_svg is not None) == drawn
        assert len(Printed(voucher_pdf([sheet], stage.clock.now))) == 1


async def test_what_cannot_be_spent_or_is_not_there_is_not_given(stage: Stage) -> None:
    town = stage.zwoenitz
    voucher = await stage.voucher(town)
    with pytest.raises(Refusal, match=r"motif\.unknown"):
        await job(stage, town, [voucher], motif="easter")
    nobodys = Paper(town, str(new_id()), "", "")
    with pytest.raises(Refusal, match=r"voucher\.unknown"):
        await job(stage, town, [voucher, nobodys])
    with pytest.raises(Refusal, match=r"voucher\.unknown"):
        await job(stage, stage.schneeberg, [voucher])
    await stage.block(voucher)
    with pytest.raises(Refusal, match=r"voucher\.blocked"):
        await job(stage, town, [voucher])
