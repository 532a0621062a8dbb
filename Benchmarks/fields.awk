# The fields of each CORRELATION DATA block of a log of text or of JSON, a line each.
/=== CORRELATION DATA ===/ { block = " "; next }
/=== END CORRELATION DATA ===/ { print block; block = ""; next }
block != "" { sub(/^\[[^]]*\] \{[^}]*\} [A-Z]+ - /, ""); sub(/^.*"event":"/, ""); sub(/",".*/, ""); block = block " " $0 }
