"""The paper's networks, one file a family. They need torch and nothing of ours, so weights load with torch alone."""
