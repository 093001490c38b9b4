"""Words for what people and bodies are: offices (`mayor`) and kinds of body (`ferry company`)."""

from __future__ import annotations

OFFICES = (
    "mayor|deputy mayor|president|vice[- ]president|prime minister|foreign minister|"
    "finance minister|health minister|transport minister|interior minister|minister|chancellor|"
    "governor|senator|councillor|commissioner|secretary|secretary[- ]general|judge|prosecutor|"
    "ambassador|general|director|managing director|finance director|artistic director|"
    "chief executive|chief financial officer|ceo|cfo|chair|chairman|chairwoman|chairperson|"
    "founder|owner|manager|head teacher|headteacher|head|editor|spokesman|spokeswoman|"
    "spokesperson|captain|coach|goalkeeper|striker|harbourmaster|bishop|archbishop|pope|king|"
    "queen|prince|princess|professor|surgeon|doctor|lawyer|author|novelist|poet|singer|actor|"
    "actress|conductor|architect|farmer|skipper|driver|pilot|union leader|leader|treasurer|"
    "inspector|sergeant|constable|historian|economist|analyst"
)
"""Patterns of offices and professions, parted by bars; the longer ones need not come first."""
BODIES = (
    "company|firm|operator|group|union|charity|bank|airline|retailer|manufacturer|carmaker|maker|"
    "club|party|ministry|council|court|agency|university|hospital|school|college|museum|association|"
    "regulator|publisher|brewery|shipyard|port|authority|commission|committee|institute|federation|"
    "foundation|line|newspaper|broadcaster|insurer|utility|supplier|builder|developer|start-up|"
    "brewer|chain|league|orchestra|theatre|library"
)
"""Words for kinds of body, parted by bars."""
