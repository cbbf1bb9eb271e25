"""What travels over HTTP about studies, beside the models of `studies` themselves."""

from api.http.schema import Page
from studies.models import StudySummary


class StudyPage(Page[StudySummary]):
    pass
