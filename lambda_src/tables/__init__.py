"""Rows of a DynamoDB table, each written with its condition."""
