s/Up to 6\.12 the harness calls.*\*\//See limit.h. *\//
/^#(define|undef) poll\b/d
