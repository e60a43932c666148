"""What is kept about one person, to be given to them: a page of a project, and the file as JSON and XLSX.

Law 91/2025/QH15 gives everybody the right to see the data kept about them; docs/personal-data.md.
"""

import io
import json

from flask import Blueprint, Flask, Response, current_app, request, send_file
from flask_babel import gettext, lazy_gettext
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font

from gis import person
from gis.access import Access
from gis.errors import NotAllowed
from gis.progress import today
from webmap import desk, parameters
from webmap.auth import access, reader
from webmap.ration import costly
from webmap.reads import log_personal
from webmap.session import session
from webmap.tables import TYPES

TAB = desk.Tab("desk_person.show", lazy_gettext("Personal data"))
bp = Blueprint("desk_person", __name__, url_prefix="/desk/projects/<code>/personal-data")

MOST_LISTED = 500
"""So many people due to be erased stand on the page; the command lists all."""
SHEETS = {
    "identity": lazy_gettext("Person"),
    "cases": lazy_gettext("Cases"),
    "parcels": lazy_gettext("Parcels"),
    "events": lazy_gettext("Entries"),
    "documents": lazy_gettext("Documents"),
    "petitions": lazy_gettext("Petitions"),
    "obstacles": lazy_gettext("Obstacles"),
    "costs": lazy_gettext("Cost lines"),
}
TITLES = {
    "kind": lazy_gettext("Kind"),
    "full_name": lazy_gettext("Full name"),
    "identity_number": lazy_gettext("Identity number"),
    "phone": lazy_gettext("Phone"),
    "address": lazy_gettext("Address"),
    "erased_at": lazy_gettext("Erased on"),
    "case": lazy_gettext("Case"),
    "project": lazy_gettext("Project"),
    "registered_on": lazy_gettext("Registered on"),
    "cancelled_at": lazy_gettext("Cancelled on"),
    "cancel_reason": lazy_gettext("Why it was cancelled"),
    "unit": lazy_gettext("Numbered in"),
    "sheet": lazy_gettext("Sheet"),
    "number": lazy_gettext("Number"),
    "land_use": lazy_gettext("Land use"),
    "legal_area_m2": lazy_gettext("Legal area (m²)"),
    "area_m2": lazy_gettext("Area (m²)"),
    "amount_vnd": lazy_gettext("Amount (VND)"),
    "id": lazy_gettext("Number of the entry"),
    "voids": lazy_gettext("Corrects entry"),
    "valid_on": lazy_gettext("Day"),
    "recorded_at": lazy_gettext("Recorded on"),
    "recorded_by": lazy_gettext("Recorded by"),
    "document": lazy_gettext("Document"),
    "plot": lazy_gettext("Resettlement plot"),
    "note": lazy_gettext("Note"),
    "issued_on": lazy_gettext("Issued on"),
    "issuer": lazy_gettext("Issuer"),
    "title": lazy_gettext("Title"),
    "received_on": lazy_gettext("Received on"),
    "subject": lazy_gettext("Subject"),
    "replied_on": lazy_gettext("Replied on"),
    "reply": lazy_gettext("Reply"),
    "description": lazy_gettext("Description"),
    "owner": lazy_gettext("Who has to remove it"),
    "known_since": lazy_gettext("Known since"),
    "resolved_on": lazy_gettext("Removed on"),
    "direction": lazy_gettext("How it is to be settled"),
    "version": lazy_gettext("Version"),
    "unit_of_measure": lazy_gettext("Unit of measure"),
    "category": lazy_gettext("Group"),
    "item": lazy_gettext("Item"),
    "unit_price_vnd": lazy_gettext("Unit price (đồng)"),
    "quantity": lazy_gettext("Quantity"),
    "dimensions": lazy_gettext("Dimensions"),
    "coefficient": lazy_gettext("Interpolation coefficient"),
    "support_level": lazy_gettext("Support level"),
    "legal_basis": lazy_gettext("Legal basis"),
    "not_compensated": lazy_gettext("Why it is not compensated"),
}


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)


@bp.get("")
@access(Access.DESK)
def show(code: str):
    """Ask for which case; list whose data is due to be erased."""
    parameters.only("case")
    project = desk.personal(code)
    years = current_app.config["GPMB_RETENTION_YEARS"]
    due = person.due(session(), int(years), today(), project=code) if years else []
    return desk.page(
        "desk/person.html", project, case=request.args.get("case", ""), years=years, due=due, most=MOST_LISTED
    )


@bp.get("/file.json", defaults={"form": "json"})
@bp.get("/file.xlsx", defaults={"form": "xlsx"})
@access(Access.DESK)
@costly
def download(code: str, form: str):
    """Give all that is kept about the holder of a case. Each file is noted in the log of reads."""
    parameters.only("case")
    desk.personal(code)
    case = parameters.text("case") or ""
    found = person.find(session(), code, case)
    projects = person.projects_of(session(), found)
    if not all(reader().may_see_personal(project_id) for project_id in projects):
        raise NotAllowed("This person has a case in another project too, whose personal data is not yours to see.")
    gathered = person.gather(session(), found)
    for project_id in sorted(projects):
        log_personal(project_id, what=f"person.{form}", holder_ids=[found.holder_id])
    if form == "xlsx":
        response = send_file(_workbook(gathered), mimetype=TYPES["xlsx"])
    else:
        response = Response(json.dumps(gathered, ensure_ascii=False, indent=2), content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="personal-data-{found.id}.{form}"'
    response.cache_control.no_store = True
    return response


def _workbook(gathered: dict) -> io.BytesIO:
    """Write a sheet for each part; text is never a formula, whatever it begins with."""
    book = Workbook()
    book.remove(book.active)
    for part, title in SHEETS.items():
        rows = gathered[part] if isinstance(gathered[part], list) else [gathered[part]] if gathered[part] else []
        sheet = book.create_sheet(str(title))
        if not rows:
            sheet.append([gettext("Nothing is kept.")])
            continue
        for column, name in enumerate(rows[0], 1):
            head = sheet.cell(1, column, str(TITLES[name]))
            head.font = Font(bold=True)
            sheet.column_dimensions[head.column_letter].width = 24
            for line, row in enumerate(rows, 2):
                value = row[name]
                cell = sheet.cell(line, column)
                cell.value = ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
                if isinstance(value, str):
                    cell.data_type = "s"
                cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.freeze_panes = "A2"
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file
