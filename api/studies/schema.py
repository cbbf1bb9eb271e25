"""The responses about studies, besides the models in `studies`."""

from api.http.schema import Page
from studies.models import StudySummary


class StudyPage(Page[StudySummary]):
    pass
