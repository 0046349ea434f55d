"""Indicators I01-I27: tables of a round in, tables of results out. One room for each focus area, and one for the data."""
