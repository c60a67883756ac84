package fyne
