"""Write the sample to an empty database, with COPY: explicit ids, one statement a table."""

import io
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from gis.costs import amount_of
from gis.crs import VN2000
from gis.indicators import INDICATORS
from gis.sample import cadastre, costs, facts
from gis.sample.allocation import VIETNAM_TIME
from gis.sample.ground import Drawing
from gis.sample.records import Records

RECORDED_BY = "sample"
DRAWN = "sơ đồ minh họa của dữ liệu mẫu, không phải ranh giới thật"
ILLUSTRATIVE = "(dữ liệu minh họa)"
DOCUMENT_KINDS = {"TB": "notice", "QĐ": "decision", "BB": "minutes", "CT": "payment_order"}
HOLDER_NAMES = {
    "household": "Hộ mẫu %04d", "individual": "Cá nhân mẫu %04d", "organisation": "Tổ chức mẫu %03d",
    "community": "Cộng đồng mẫu %02d",
}  # fmt: skip
ISSUERS = {"tp-lang-son": "UBND TP. Lạng Sơn (mẫu)", "h-chi-lang": "UBND H. Chi Lăng (mẫu)"}


class Writer:
    """Writes table by table; remembers ids by slug and code, and how many rows went where."""

    def __init__(self, session: Session):
        self.session = session
        self.rows: dict[str, int] = {}
        self.unit: dict[str, int] = {}
        self.project: dict[str, int] = {}
        self.part: dict[tuple[str, str], int] = {}
        self.source: dict[str, int] = {}

    def copy(self, table: str, columns: str, rows: Iterable[tuple]) -> None:
        """Copy rows into a table and set its identity counter behind them."""
        names = columns.split()
        rows = list(rows)
        lines = ["\t".join(map(_field, row)) for row in rows]
        quoted = ", ".join(f'"{name}"' for name in names)
        cursor = self.session.connection().connection.cursor()
        cursor.copy_expert(f'copy "{table}" ({quoted}) from stdin', io.StringIO("\n".join(lines)))
        self.rows[table] = self.rows.get(table, 0) + len(lines)
        if "id" in names and table != "sample_load":
            last = max(row[0] for row in rows)
            statement = text("select setval(pg_get_serial_sequence(:table, 'id'), :last)")
            self.session.execute(statement, {"table": f'"{table}"', "last": last})

    def units(self) -> None:
        """Write the administrative units with their schematic outlines, and what became of them."""
        rows = facts.table("units")
        self.unit = {row["slug"]: number for number, row in enumerate(rows, 1)}
        outlines = cadastre.outlines()
        self.copy(
            "admin_unit",
            "id slug code name kind level parent_id valid legal_document published_area_km2 area_source geom "
            "outline_source illustrative",
            (
                (
                    self.unit[row["slug"]], row["slug"], row["code"], row["name"], row["kind"], row["level"],
                    self.unit.get(row["parent_slug"]), f"[{row['valid_from']},{row['valid_to']})",
                    row["legal_document"] or None, row["published_area_km2"] or None, row["area_source"] or None,
                    *_outline(outlines.get(row["slug"])),
                )
                for row in rows
            ),
        )  # fmt: skip
        self.copy(
            "admin_change", "old_unit_id new_unit_id kind effective_on legal_document whole",
            (
                (
                    self.unit[row["old_slug"]], self.unit[row["new_slug"]], row["kind"], row["effective_on"],
                    row["legal_document"], row["whole"] == "yes",
                )
                for row in facts.table("unit_changes")
            ),
        )  # fmt: skip

    def projects(self, drawing: Drawing) -> None:
        """Write the projects with parts, key years and outlines."""
        rows = facts.table("projects")
        said = facts.statements()
        self.project = {row["slug"]: number for number, row in enumerate(rows, 1)}
        first_entry = datetime(2018, 1, 2, 8, tzinfo=VIETNAM_TIME)
        self.copy(
            "project", "id code name managing_level reporting_unit_id parent_id commune_basis note recorded_at",
            (
                (
                    self.project[row["slug"]], row["slug"], row["name_vi"], row["managed_by"] or None,
                    self.unit[facts.UNIT_SLUGS[row["unit"]]], self.project.get(said["parents"].get(row["slug"])),
                    row["commune_basis"], said["notes"].get(row["slug"]), first_entry,
                )
                for row in rows
            ),
        )  # fmt: skip
        self.part = {(part["project"], part["code"]): n for n, part in enumerate(said["part"], 1)}
        self.copy(
            "project_part", "id project_id code name",
            ((n, self.project[p["project"]], p["code"], p["name"]) for n, p in enumerate(said["part"], 1)),
        )  # fmt: skip
        self.copy(
            "project_boundary",
            "project_id valid geom source illustrative recorded_at",
            (
                (self.project[code], valid, outline, DRAWN, True, first_entry)
                for code in self.project
                for valid, outline in _outlines(code, drawing)
            ),
        )
        self.copy(
            "key_designation", "project_id year body source",
            (
                (self.project[project], year, body, source)
                for project, year, body, source in facts.key_designations()
            ),
        )  # fmt: skip

    def reported(self, drawing: Drawing) -> None:
        """Write what the reports state: documents, figures, targets, obstacles, funding."""
        rows = facts.table("sources")
        self.source = {row["code"]: number for number, row in enumerate(rows, 1)}
        self.copy(
            "document", "id kind number issued_on issuer title recorded_at",
            (
                (
                    self.source[row["code"]], row["kind"], row["number"], row["issued_on"] or None, row["issuer"],
                    row["title"], _day_after(date.fromisoformat(row["known_on"])),
                )
                for row in rows
            ),
        )  # fmt: skip
        self.copy("reported_figure", facts.FIGURE_COLUMNS, map(self._figure, facts.table("figures")))
        self.copy(
            "project_target",
            "project_id part_id unit_id measure value of_value percent due_on document_id source",
            (self._target(row) for row in facts.table("figures") if row["basis"] == "target"),
        )
        self.copy(
            "obstacle",
            "project_id part_id unit_id kind description known_since resolved_on owner direction source geom",
            (
                (
                    self.project[row["project"]], self.part.get((row["project"], row["part"])),
                    self.unit[row["unit"]], row["kind"], row["description"], row["known_since"],
                    row["resolved_on"] or None, row["owner"] or None, row["direction"] or None, row["source"],
                    shapely.set_srid(shapely.point_on_surface(drawing.outlines[row["project"]]), VN2000),
                )
                for row in facts.table("obstacles")
            ),
        )  # fmt: skip
        figures = {row["fid"]: row for row in facts.table("figures")}
        self.copy(
            "funding_line", "project_id unit_id year kind amount_vnd source",
            (
                (
                    self.project.get(line.get("project")), self.unit[facts.UNIT_SLUGS[figure["unit"]]],
                    figure["to"][:4], line["kind"], figure["amount_vnd"], figure["source"],
                )
                for line in facts.statements()["funding"] for figure in (figures[line["figure"]],)
            ),
        )  # fmt: skip

    def _figure(self, row: dict[str, str]) -> tuple:
        cells = row["contradicted_cells"].split(";") if row["contradicted_cells"] else []
        return (
            row["fid"], row["source"], self.unit[facts.UNIT_SLUGS[row["unit"]]], self.project.get(row["project"]),
            row["indicator"], row["basis"], row["from"] or None, row["to"], row["period_basis"] or None,
            row["holder"] or None, *(row[name] or None for name in facts.MEASURED), row["part_of"] or None,
            row["derivable"] == "yes", "{" + ",".join(cells) + "}", row["note"] or None,
        )  # fmt: skip

    def _target(self, row: dict[str, str]) -> tuple:
        part = facts.statements()["target_parts"].get(row["fid"])
        return (
            self.project[row["project"]], self.part.get((row["project"], part)),
            self.unit[facts.UNIT_SLUGS[row["unit"]]], "area_m2", row["area_m2"] or None, row["of_area_m2"] or None,
            row["percent"], row["to"], self.source[row["fid"].split(".")[0]], row["source"],
        )  # fmt: skip

    def land(self, records: Records, drawing: Drawing, entries: dict) -> None:
        """Write holders, cases, parcels and what is recovered of them, resettlement sites and plots."""
        self.copy("holder", "id kind", enumerate(records.holders, 1))
        count = dict.fromkeys(HOLDER_NAMES, 0)
        names = []
        for number, kind in enumerate(records.holders, 1):
            count[kind] += 1
            names.append((number, HOLDER_NAMES[kind] % count[kind]))
        self.copy("holder_identity", "holder_id full_name", names)
        self.copy(
            "case", "id project_id holder_id part_id code registered_on recorded_at",
            (
                (
                    case.id, self.project[case.project], case.holder_id, self.part.get((case.project, case.part)),
                    case.code, case.first_day, _day_after(case.first_day),
                )
                for case in records.cases
            ),
        )  # fmt: skip
        self.copy(
            "parcel", "id numbered_in_unit_id sheet number land_use legal_area_m2 geom",
            (
                (
                    piece.id, self.unit[entry.commune], entry.sheet, entry.number, entry.land_use,
                    _m2(drawing.legal_cents[piece]), drawing.parcels[piece],
                )
                for piece, entry in entries.items()
            ),
        )  # fmt: skip
        self.copy(
            "affected_parcel", "id project_id case_id parcel_id area_m2 geom registered_on recorded_at",
            (
                (
                    piece.id, self.project[piece.case.project], piece.case.id or None, piece.id,
                    _m2(piece.area_cents), drawing.recovered[piece], piece.case.first_day,
                    _day_after(piece.case.first_day),
                )
                for piece in records.pieces
            ),
        )  # fmt: skip
        sites = facts.table("sites")
        number = {row["code"]: n for n, row in enumerate(sites, 1)}
        self.copy(
            "resettlement_site",
            "id code name geom illustrative",
            ((number[row["code"]], row["code"], row["name"], drawing.outlines[row["code"]], True) for row in sites),
        )
        self.copy(
            "resettlement_plot",
            "id site_id number area_m2 geom",
            (
                (plot.id, number[plot.site], plot.number, _m2(plot.area_cents), drawing.plots[plot])
                for plot in records.plots
            ),
        )

    def events(self, records: Records) -> None:
        """Write the made-up documents, then the events in the order of their recording."""
        # Old records: some advances were paid before there was a plan.
        self.session.execute(text("select set_config('gpmb.old_record', 'yes', true)"))
        shift = len(self.source)
        title = {row["slug"]: row["name_vi"] for row in facts.table("projects")}
        self.copy(
            "document", "id kind number issued_on issuer title recorded_at",
            (
                (
                    shift + document.id, DOCUMENT_KINDS[document.number.split("/")[2].split("-")[0]], document.number,
                    document.day, ISSUERS[document.district],
                    f"{INDICATORS[document.step].vi} – {title[document.project]} {ILLUSTRATIVE}", document.recorded_at,
                )
                for document in records.documents
            ),
        )  # fmt: skip
        self.copy(
            "event",
            "id kind valid_on recorded_at recorded_by project_id part_id case_id affected_parcel_id document_id "
            "area_m2 amount_vnd plots plot_id suspended_step note voids_id",
            (
                (
                    event.id, event.kind, event.day, event.recorded_at, RECORDED_BY, self.project[event.project],
                    self.part.get((event.project, event.part)), event.case and event.case.id,
                    event.piece and event.piece.id,
                    shift + event.document.id if event.document else self.source.get(event.source),
                    _m2(event.area_cents), event.amount_vnd, event.plots, event.plot and event.plot.id,
                    event.suspended_step or None, event.note or None, event.voids and event.voids.id,
                )
                for event in records.events
            ),
        )  # fmt: skip

    def costs(self, records: Records, entries: dict, seed: int) -> None:
        """Write the cost lines of some plans."""
        shift, sheets, lines = len(self.source), [], []
        for number, (event, made) in enumerate(costs.sheets(records, entries, seed), 1):
            project = self.project[event.case.project]
            sheets.append(
                (number, project, event.case.id, shift + event.document.id, 1, event.recorded_at, RECORDED_BY)
            )
            lines += [
                (
                    project, number, position, line.category, line.item, piece and piece.id, line.land_use, line.unit,
                    line.quantity, line.dimensions, line.unit_price_vnd, line.coefficient, line.support_level,
                    amount_of(line), line.legal_basis, line.not_compensated,
                )
                for position, (line, piece) in enumerate(made, 1)
            ]  # fmt: skip
        columns = "id project_id case_id document_id version recorded_at recorded_by"
        self.copy("cost_sheet", columns, sheets)
        self.copy(
            "cost_line",
            "project_id sheet_id position category item affected_parcel_id land_use unit quantity dimensions "
            "unit_price_vnd coefficient support_level amount_vnd legal_basis not_compensated",
            lines,
        )

    def mark(self, seed: int, fingerprint: str) -> None:
        """Leave the mark that says: these records are the illustrative sample."""
        self.copy("sample_load", "id seed fingerprint", [(1, seed, fingerprint)])


def _field(value) -> str:
    """Write a value as COPY's text format has it."""
    if value is None:
        return r"\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, shapely.Geometry):
        return shapely.to_wkb(value, hex=True, include_srid=True)
    return str(value).replace("\\", r"\\").replace("\t", r"\t").replace("\n", r"\n")


def _outline(shape: shapely.Geometry | None) -> tuple:
    if shape is None:
        return None, None, False
    return shapely.set_srid(shapely.multipolygons([shape]), VN2000), DRAWN, True


def _outlines(code: str, drawing: Drawing) -> list[tuple[str, shapely.Geometry]]:
    """Give a project's outlines with the days they stand: a change of scope begins a new one."""
    changed_on = facts.widenings().get(code)
    if changed_on is None:
        return [("[,)", drawing.outlines[code])]
    return [(f"[,{changed_on})", drawing.first_outlines[code]), (f"[{changed_on},)", drawing.outlines[code])]


def _m2(cents: int | None) -> Decimal | None:
    return None if cents is None else Decimal(cents).scaleb(-2)


def _day_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(8), VIETNAM_TIME)
