/** Mean and standard deviation of the colours of ImageNet in the range 0 to 1, with which the networks of torchvision are trained. */
export const IMAGENET = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} as const;
