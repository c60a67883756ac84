package liveness
