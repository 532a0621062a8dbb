"""What writes the files under grafana/: see ../generate.py."""
