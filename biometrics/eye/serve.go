package eye

import (
	"context"
	"io"
	"log/slog"
)

// Serve is the eye's end. It reads commands from in and writes events to out until in ends (nil), ctx is done, or the protocol or a pipe is
// broken. It returns after all its goroutines have ended and camera and describer are closed; a Read of in that blocks is
// waited for, so close in to end it. It owns neither in nor out.
func Serve(ctx context.Context, in io.Reader, out io.Writer, backend Backend, log *slog.Logger) error {
	return nil
}
