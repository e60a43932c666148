"""The number of a document is known by the guard of money as everywhere else (`gis.papers.spelled`).

Until now the database compared numbers without blanks and capitals alone: `082/CT` beside `82-CT` was another document
to it, so that of two officers at once both could pay by one.
"""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        r"""
        -- Figures without zeros before them and letters without marks: 'Số 082 / QĐ-UBND' -> {82,qd,ubnd}. A number
        -- without figures and letters is itself.
        create function spelled_paper(number text) returns text[] language sql immutable parallel safe
        return (
            with part as (
                select n, case when m[1] ~ '^[0-9]' then coalesce(nullif(ltrim(m[1], '0'), ''), '0') else m[1] end
                    as said
                from regexp_matches(
                    regexp_replace(
                        lower(translate(normalize(number, nfkd), 'đĐ', 'dd')),
                        '[\u0300-\u036f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]', '', 'g'),
                    '[0-9]+|[[:alpha:]]+', 'g') with ordinality as found (m, n)
            )
            select coalesce(
                array_agg(said order by n) filter (where not (n = 1 and said = 'so' and alone.not_so)),
                array[number])
            from part, lateral (select (select count(*) from part) > 1 as not_so) alone
        );

        create or replace function same_paper(number text, issued_on date, other_number text, other_issued_on date)
        returns boolean language sql immutable as $$
            select spelled_paper(number) = spelled_paper(other_number)
                and (issued_on is null or other_issued_on is null or issued_on = other_issued_on)
        $$;
        """
    )


def downgrade():
    op.execute(
        r"""
        create or replace function same_paper(number text, issued_on date, other_number text, other_issued_on date)
        returns boolean language sql immutable as $$
            select regexp_replace(lower(number), '\s', '', 'g') = regexp_replace(lower(other_number), '\s', '', 'g')
                and (issued_on is null or other_issued_on is null or issued_on = other_issued_on)
        $$;
        drop function spelled_paper(text);
        """
    )
