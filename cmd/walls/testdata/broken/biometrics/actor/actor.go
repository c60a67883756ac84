package actor

import _ "visavis/biometrics/gate"
