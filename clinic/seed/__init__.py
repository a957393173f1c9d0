"""Plants the demo clinic "Sen Clinic" into an empty database: bilingual, with histories and visits around today.

`departments`, `doctors_*`, `patients`, `cases_*`, `histories`, `today`, `courses` and `absences` say what there is, as plain data;
`hours` says when they see patients;
`others` draws the many people beside, `everyday` what fills the next days; `layout` places the visits around a day,
`numbering` and the `*_rows` turn all into rows, `planting` writes them. Only the command line calls it. Not for a clinic of real patients: everybody knows the demo's password.
"""

from clinic.seed.planting import DEMO_PASSWORD, Summary, plant

__all__ = ["DEMO_PASSWORD", "Summary", "plant"]
