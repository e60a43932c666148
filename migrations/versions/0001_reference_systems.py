"""Extensions, the web role, and the coordinate systems that PostGIS 3.3 lacks.

EPSG:9205-9218 are the 3° zones of VN-2000 by province; 914756 is VN-2000 geographic with the datum shift to
WGS 84 written out, so that PROJ has no choice by location (docs/decisions/0001-coordinates.md). The values are
frozen here; a test compares them with gis/crs.py.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ZONES = {
    9205: "103", 9206: "104", 9207: "104.5", 9208: "104.75", 9209: "105.5", 9210: "105.75", 9211: "106",
    9212: "106.25", 9213: "106.5", 9214: "107", 9215: "107.25", 9216: "107.5", 9217: "108.25", 9218: "108.5",
}  # fmt: skip
TOWGS84 = "-191.90441429,-39.30318279,-111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278"


def _degrees(meridian: str) -> str:
    whole, _, part = meridian.partition(".")
    return f"{whole}-{int(float('0.' + (part or '0')) * 60):02d}"


def _zone_row(srid: int, meridian: str) -> str:
    wkt = (
        f'PROJCS["VN-2000 / TM-3 {_degrees(meridian)}",GEOGCS["VN-2000",DATUM["Vietnam_2000",'
        'SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6756"]],'
        'PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,'
        'AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4756"]],PROJECTION["Transverse_Mercator"],'
        f'PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",{meridian}],'
        'PARAMETER["scale_factor",0.9999],PARAMETER["false_easting",500000],PARAMETER["false_northing",0],'
        f'UNIT["metre",1,AUTHORITY["EPSG","9001"]],AUTHORITY["EPSG","{srid}"]]'
    )
    proj4 = f"+proj=tmerc +lat_0=0 +lon_0={meridian} +k=0.9999 +x_0=500000 +y_0=0 +ellps=WGS84 +units=m +no_defs"
    return f"({srid}, 'EPSG', {srid}, '{wkt}', '{proj4}')"


def upgrade():
    op.execute("create extension if not exists postgis")
    op.execute("create extension if not exists btree_gist")
    op.execute(
        """
        do $$ begin
            if not exists (select from pg_roles where rolname = 'gpmb_web') then
                create role gpmb_web nologin;
            end if;
        exception when duplicate_object then null;  -- another database of the cluster was faster
        end $$
        """
    )
    op.execute("grant usage on schema public to gpmb_web")
    rows = ",\n".join(_zone_row(srid, meridian) for srid, meridian in ZONES.items())
    op.execute(
        f"insert into spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text) values {rows} "
        "on conflict (srid) do nothing"
    )
    op.execute(
        f"""
        insert into spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text) values
        (914756, 'MATBANG', 914756, '', '+proj=longlat +ellps=WGS84 +towgs84={TOWGS84} +no_defs')
        on conflict (srid) do nothing
        """
    )


def downgrade():
    # Extensions and the role stay: they may have been there before us, and other databases share the role.
    op.execute("delete from spatial_ref_sys where srid between 9205 and 9218 or srid = 914756")
    op.execute("revoke usage on schema public from gpmb_web")
