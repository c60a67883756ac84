package face
