-- What the program may do once the tables are there. Entries, steps and the trail: read and add, no more.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO casework_app;
GRANT SELECT ON alembic_version TO casework_app;
GRANT SELECT, INSERT ON entries, steps, audit, texts, salts, review_entries, pinned TO casework_app;
GRANT SELECT, INSERT, UPDATE ON sessions, people, names, reviews TO casework_app;
