"""Reports: the HTML page of an analysed study, its tables and figures, and the pages of counts and comparisons."""
