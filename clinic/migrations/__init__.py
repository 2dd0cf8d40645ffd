"""Every change of the tables, in order; `clinic.migrate` brings a database up to the last one."""
