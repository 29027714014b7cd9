"""What the public sees of a town, and the role that reads it for everybody.

Revision: 0030, after 0029.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

PUBLIC = "gutschein_public"

#: What anyone may read, of all towns. Of a town not its sealed account, of a merchant not how to
#: reach it.
READABLE = {
    "region": "",
    "town": (
        "id, region_id, name, ags, street, house_number, postcode, post_town, brand_colour,"
        " minimum_payout_cents, created_at"
    ),
    "acceptance": "",
    "programme": "",
    "merchant": "town_id, id, name",
    "branch": "",
    "issuing_point": "",
    "storefront": "",
    "storefront_text": "",
    "branch_profile": "",
}


def upgrade() -> None:
    op.create_table(
        "storefront",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("intro", sa.Text(), nullable=False),
        sa.Column("intro_en", sa.Text(), nullable=True),
        sa.Column("coat_of_arms_svg", sa.LargeBinary(), nullable=True),
        sa.Column("contact_email", sa.Text(), nullable=True),
        sa.Column("contact_phone", sa.Text(), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 60",
            name=op.f("ck_storefront_slug"),
        ),
        sa.CheckConstraint(
            "octet_length(coat_of_arms_svg) <= 65536", name=op.f("ck_storefront_coat_of_arms")
        ),
        sa.ForeignKeyConstraint(["id"], ["town.id"], name=op.f("fk_storefront_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_storefront")),
        sa.UniqueConstraint("slug", name=op.f("uq_storefront_slug")),
        comment="What the public sees of a town, and the short name its pages go by.",
    )
    op.create_table(
        "storefront_text",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('imprint', 'privacy', 'terms', 'withdrawal', 'accessibility')",
            name=op.f("ck_storefront_text_kind"),
        ),
        sa.CheckConstraint("language IN ('de', 'en')", name=op.f("ck_storefront_text_language")),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_storefront_text_town_id")),
        sa.PrimaryKeyConstraint(
            "town_id", "kind", "language", "begins_at", name=op.f("pk_storefront_text")
        ),
        comment="A town's imprint, privacy notice, terms and the like; the newest begun counts.",
    )
    _make_profiles()
    _secure()
    _let_the_public_in()


def _make_profiles() -> None:
    op.create_table(
        "branch_profile",
        sa.Column("town_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("house_number", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("post_town", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("opening_hours", sa.Text(), nullable=True),
        sa.Column("wheelchair", sa.Text(), nullable=True),
        sa.Column("latitude_microdegrees", sa.Integer(), nullable=True),
        sa.Column("longitude_microdegrees", sa.Integer(), nullable=True),
        sa.CheckConstraint("website ~ '^https://'", name=op.f("ck_branch_profile_website")),
        sa.CheckConstraint(
            "wheelchair IN ('yes', 'partly', 'no')", name=op.f("ck_branch_profile_wheelchair")
        ),
        sa.CheckConstraint(
            "num_nonnulls(latitude_microdegrees, longitude_microdegrees) IN (0, 2)"
            " AND latitude_microdegrees BETWEEN -90000000 AND 90000000"
            " AND longitude_microdegrees BETWEEN -180000000 AND 180000000",
            name=op.f("ck_branch_profile_place"),
        ),
        sa.ForeignKeyConstraint(
            ["town_id", "branch_id"],
            ["branch.town_id", "branch.id"],
            name=op.f("fk_branch_profile_town_id_branch_id"),
        ),
        sa.PrimaryKeyConstraint("town_id", "branch_id", name=op.f("pk_branch_profile")),
        comment="Where a branch is and what it sells, for those who look for one.",
    )


def _secure() -> None:
    own = "ANY ((SELECT own_towns())::uuid[])"
    for table in ("storefront", "storefront_text", "branch_profile"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY auditor ON {table} FOR SELECT TO gutschein_auditor USING (true)")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO gutschein_app")
        op.execute(f"GRANT SELECT ON {table} TO gutschein_auditor")
    for table in ("storefront_text", "branch_profile"):
        op.execute(f"CREATE POLICY own_towns ON {table} USING (coalesce(town_id = {own}, false))")
    # As with its town: everybody may know of it, its own people alone change it.
    op.execute("CREATE POLICY everybody ON storefront FOR SELECT USING (true)")
    op.execute(f"CREATE POLICY own_town ON storefront FOR INSERT WITH CHECK (id = {own})")
    op.execute(f"CREATE POLICY own_towns ON storefront FOR UPDATE USING (id = {own})")
    op.execute(
        "GRANT UPDATE (slug, intro, intro_en, coat_of_arms_svg, contact_email, contact_phone,"
        " is_open, changed_at) ON storefront TO gutschein_app"
    )
    op.execute(
        "GRANT UPDATE (category, street, house_number, postcode, post_town, phone, website,"
        " opening_hours, wheelchair, latitude_microdegrees, longitude_microdegrees)"
        " ON branch_profile TO gutschein_app"
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON storefront_text "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON storefront_text "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _let_the_public_in() -> None:
    op.execute(
        f"""
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{PUBLIC}') THEN
                CREATE ROLE {PUBLIC} NOLOGIN;
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END $$
        """
    )
    op.execute(
        f"""
        DO $$ BEGIN
            IF NOT pg_has_role(CURRENT_USER, '{PUBLIC}', 'MEMBER') THEN
                GRANT {PUBLIC} TO CURRENT_USER;
            END IF;
        END $$
        """
    )
    op.execute(f"GRANT USAGE ON SCHEMA public TO {PUBLIC}")
    for table, columns in READABLE.items():
        op.execute(f"GRANT SELECT {f'({columns}) ' if columns else ''}ON {table} TO {PUBLIC}")
        if table not in ("region", "town", "storefront"):
            op.execute(f"CREATE POLICY public ON {table} FOR SELECT TO {PUBLIC} USING (true)")
