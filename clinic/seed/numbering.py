"""The fixed ids of the demo clinic's people, departments, services and rooms, and finding one by its key.

Ids count from 1 in each table: the administrator first, then doctors and patients in the order of their lists, and the
reception last.
"""

from clinic.seed.departments import DEPARTMENTS
from clinic.seed.doctors_lower import DOCTORS as LOWER
from clinic.seed.doctors_upper import DOCTORS as UPPER
from clinic.seed.others import OTHERS
from clinic.seed.patients import PATIENTS as TOLD
from clinic.seed.shapes import DepartmentPlan, DoctorPlan, PatientPlan

DOCTORS = (*UPPER, *LOWER)
PATIENTS: tuple[PatientPlan, ...] = (*TOLD, *OTHERS)
SERVICES = [(department, service) for department in DEPARTMENTS for service in department.services]
ROOMS = [(number, department) for department in DEPARTMENTS for number in department.rooms]

ADMIN_ID = 1
DOCTOR_IDS = {plan.key: number for number, plan in enumerate(DOCTORS, ADMIN_ID + 1)}
PATIENT_IDS = {plan.key: number for number, plan in enumerate(PATIENTS, ADMIN_ID + 1 + len(DOCTORS))}
RECEPTION_ID = ADMIN_ID + len(DOCTORS) + len(PATIENTS) + 1
DEPARTMENT_IDS = {plan.key: number for number, plan in enumerate(DEPARTMENTS, 1)}
SERVICE_IDS = {(department.key, service.key): number for number, (department, service) in enumerate(SERVICES, 1)}
ROOM_IDS = {number: row_id for row_id, (number, _department) in enumerate(ROOMS, 1)}

DOCTOR = {plan.key: plan for plan in DOCTORS}
PATIENT = {plan.key: plan for plan in PATIENTS}
_DEPARTMENT = {plan.key: plan for plan in DEPARTMENTS}


def department_of(doctor: DoctorPlan) -> DepartmentPlan:
    """Return the department that a doctor works in."""
    return _DEPARTMENT[doctor.department]


def licence(plan: DoctorPlan) -> str:
    """Return the demo doctor's licence number, by which a planted demo is recognised."""
    return f"SEN-{1000 + DOCTOR_IDS[plan.key]}/CCHN"


def phone(number: int) -> str:
    """Return a telephone number in an area code that Vietnam doesn't use."""
    return f"0201{number:06d}"
