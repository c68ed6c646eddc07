-- Two roles, so that the program that people use cannot change the tables or undo their rules.
--   casework_owner  makes and upgrades the tables (casework store upgrade), and erases
--   casework_app    what servers and rooms connect as
-- Run as a superuser:  psql -f roles.sql   and set the passwords:  \password casework_owner
-- Then, as casework_owner:  CASEWORK_STORE=postgresql+psycopg://casework_owner@HOST/casework casework people first NAME --login LOGIN
-- Last, in the database casework as casework_owner:  psql -f grants.sql casework
CREATE ROLE casework_owner LOGIN;
CREATE ROLE casework_app LOGIN;
CREATE DATABASE casework OWNER casework_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE casework FROM PUBLIC;
GRANT CONNECT ON DATABASE casework TO casework_app;
