# The fields of each CORRELATION DATA block, a line each.
/=== CORRELATION DATA ===/ { block = " "; next }
/=== END CORRELATION DATA ===/ { print block; block = ""; next }
block != "" { sub(/^\[[^]]*\] \{[^}]*\} [A-Z]+ - /, ""); block = block " " $0 }
