"""Photographs of a micropigmented head whose truth is known: drawn, never of a person."""

from analysis.phantom.course import Patch, RedSpot, State, Story, state_on
from analysis.phantom.head import Head, Pose
from analysis.phantom.held_card import HeldCard
from analysis.phantom.optics import Optics, PhoneOptics
from analysis.phantom.person import Hand, Person, view
from analysis.phantom.photograph import Photograph, Truth, photograph
from analysis.phantom.scalp import Recipe, Scalp, draw_scalp

__all__ = [
    "Hand",
    "Head",
    "HeldCard",
    "Optics",
    "Patch",
    "Person",
    "PhoneOptics",
    "Photograph",
    "Pose",
    "Recipe",
    "RedSpot",
    "Scalp",
    "State",
    "Story",
    "Truth",
    "draw_scalp",
    "photograph",
    "state_on",
    "view",
]
