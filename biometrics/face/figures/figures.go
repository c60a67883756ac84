package figures

// Job says what is to be timed.
type Job struct {
	// Pictures are files, each described Rounds times as a picture of its own, in turn with go-face on the whole of it.
	Pictures []string `json:"pictures"`
	Rounds   int      `json:"rounds"`
	// Streams are files that follow each other as a camera's frames do, Rate a second; go-face sees the whole of every fifth.
	Streams [][]string `json:"streams"`
	Rate    int        `json:"rate"`
}

// Time is how long something took, in milliseconds: by the clock, and of the processor's time that the process used.
type Time struct {
	Wall float64 `json:"wall"`
	CPU  float64 `json:"cpu"`
}

// Row is what was measured on one picture or stream.
type Row struct {
	Stream        bool    `json:"stream"`
	Index         int     `json:"index"` // in the job
	Width         int     `json:"width"`
	Height        int     `json:"height"`
	WholeFaces    int     `json:"whole_faces"` // that go-face saw in the whole of a picture,
	Faces         int     `json:"faces"`       // and the describer: 2 for more than one; in a stream, the frames in which it described one
	Whole         []Time  `json:"whole"`       // go-face, on a frame that is JPEG already
	Ours          []Time  `json:"ours"`
	Judging       []Time  `json:"judging,omitempty"`        // the part of Ours that judges quality
	FollowedApart float64 `json:"followed_apart,omitempty"` // distance of unit vectors: this face found anew, and followed
	SearchedApart float64 `json:"searched_apart,omitempty"` // and found in the whole frame, where the cascade found it
}
