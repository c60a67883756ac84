// A module with the same rooms, in which every wall is broken.
module visavis

go 1.26.0

require (
	fyne.io/fyne/v2 v2.0.0
	github.com/Kagami/go-face v0.0.0
	gocv.io/x/gocv v0.0.0
)

replace (
	fyne.io/fyne/v2 => ./outside/fyne
	github.com/Kagami/go-face => ./outside/goface
	gocv.io/x/gocv => ./outside/gocv
)
