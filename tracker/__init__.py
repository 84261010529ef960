"""The record-keeper: clients, treatments, photos, rules, pages."""
