"""The after-action report of a drill: one document, written as HTML, PDF, JSON and Parquet."""
