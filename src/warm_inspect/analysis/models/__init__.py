"""Regressions: the study's models with their marginal effects, and contrasts under other assumptions."""
