"""Records to tables, tables to Markdown, LaTeX, CSV and JSON."""
