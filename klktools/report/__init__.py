"""One notebook, one dossier, one report: parameters checked, notebook run, page written."""
