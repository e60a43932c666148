"""Search by words: how text is folded for it, and the indexes that make it quick.

The functions use nothing but PostgreSQL's own: the extension unaccent would have to be there before every restore of
a dump, follows a rules file of the server that an upgrade may change below an index, and is not immutable.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        r"""
        -- Letters and digits alone, small, without diacritics, one blank between words, no leading zeros:
        -- 'Hoà Bình', 'HÒA-BÌNH' -> 'hoa binh'; '0211/2024/QĐ' -> '211 2024 qd'. Đ does not decompose; the Icelandic
        -- Ð looks the same and is what old Vietnamese fonts left behind.
        create function folded(words text) returns text language sql immutable parallel safe
        return trim(regexp_replace(regexp_replace(regexp_replace(
            lower(translate(normalize(words, nfkd), 'đĐðÐ', 'dddd')),
            '[\u0300-\u036f]+', '', 'g'), '[^a-z0-9]+', ' ', 'g'), '\m0+(?=\d)', '', 'g'));

        -- Words as they are, without a parser that would read 5/85 as a path and Km3+700 as two numbers.
        create function search_words(words text) returns tsvector language sql immutable parallel safe
        return array_to_tsvector(string_to_array(left(folded(words), 1000), ' '));

        -- Every word asked for is there, the last one perhaps not yet finished; null when nothing is asked for.
        create function search_query(words text) returns tsquery language sql immutable parallel safe
        return cast(replace(nullif(folded(words), ''), ' ', '&') || ':*' as tsquery);

        create index ix_admin_unit_search on admin_unit using gin (search_words(name));
        create index ix_project_search on project using gin (search_words(name), search_words(code));
        create index ix_document_search on document using gin (search_words(number));
        create index ix_parcel_search on parcel (folded(sheet), folded(number));
        """
    )


def downgrade():
    op.execute(
        """
        drop index ix_parcel_search, ix_document_search, ix_project_search, ix_admin_unit_search;
        drop function search_query(text), search_words(text), folded(text);
        """
    )
