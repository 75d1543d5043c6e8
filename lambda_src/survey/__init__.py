"""The survey about a version: its questions, what counts as an answer, and answers as CSV.

questions    reads and checks survey.json, which an operator writes
answers      checks what a member answers; one member's answers as a row of SurveyTable
spreadsheet  answers as CSV that runs nothing when a spreadsheet opens it

Pure: the function of the members area and the tool use the same rules, and each asks AWS itself.
"""
