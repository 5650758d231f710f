"""The register of immigration consultants: imported as a file, asked at each declaration, and again every day."""
